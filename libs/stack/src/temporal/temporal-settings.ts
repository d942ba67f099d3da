import { AppError } from '@overture/core';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';

/** Credentials of a connection: TLS, API key, headers. */
export type TemporalAccess = Pick<ClientConnectConfig['connectionOptions'], 'tls' | 'apiKey' | 'metadata'>;

/** The user's own Temporal server, as configured by the environment. */
export interface TemporalSettings {
  /** host:port; undefined if no server is configured. */
  readonly address: string | undefined;
  readonly namespace: string | undefined;
  /** Empty without an address: settings for another server must not affect our own. */
  readonly access: TemporalAccess;
}

/**
 * The connection settings shared by all Temporal programs: `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`,
 * `TEMPORAL_API_KEY`, `TEMPORAL_TLS…`. They override those of a profile. The profile's file is read only on
 * request, so that the local stack does not depend on files in a home folder.
 * @throws AppError `TEMPORAL_SETTINGS`
 */
export function temporalSettings(env: Readonly<Record<string, string | undefined>>): TemporalSettings {
  const given = Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({
      overrideEnvVars: given,
      disableFile: given['TEMPORAL_PROFILE'] === undefined && given['TEMPORAL_CONFIG_FILE'] === undefined,
    });
    const { address, tls, apiKey, metadata } = connectionOptions;
    const access = Object.fromEntries(
      Object.entries({ tls, apiKey, metadata }).filter(([, value]) => value !== undefined),
    ) as TemporalAccess;
    return { address, namespace, access: address === undefined ? {} : access };
  } catch (error) {
    throw new AppError(
      'TEMPORAL_SETTINGS',
      `The connection to Temporal must be a profile of its configuration file (TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE) or TEMPORAL_ADDRESS. Got: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}
