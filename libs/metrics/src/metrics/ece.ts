import { calibrationBinCount } from '../calibration-bins.ts';
import type { ProbabilityMetric } from '../metric.ts';

/**
 * Expected calibration error of P(initiative): over ten bins of equal width, the gap between mean probability
 * and rate of initiative, weighted by the bin's share (Naeini et al., AAAI 2015, who use confidence instead
 * of P).
 */
export const ece: ProbabilityMetric = {
  label: 'Calibration error (ECE)',
  better: 'lower',
  needs: 'probabilities',
  of({ errors, bins, weights, totalWeight }) {
    // A bin's share × |mean probability − rate| equals |Σ w (p − y)| / Σ w.
    const gaps = new Float64Array(calibrationBinCount);
    for (let i = 0; i < weights.length; i++) gaps[bins[i]] += weights[i] * errors[i];
    return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / totalWeight;
  },
};
