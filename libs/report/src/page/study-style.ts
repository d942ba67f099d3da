/** Additional styles for the page of a study. */
export const studyStyle = `main { max-width: 72rem; }
tbody th { min-width: min(15rem, 45vw); }
thead .number { white-space: normal; }
table { font-size: .85rem; }
.matrix tbody th { min-width: 0; }
.answers { margin: 1.5rem 0; }
.answers dt { font-weight: 600; margin-top: 1rem; }
.answers dd { margin: .15rem 0 0; padding-left: .9rem; border-left: 3px solid var(--line); }
.answers .yes { color: var(--third); }
.answers .no { color: var(--second); }
.error { margin: 0 0 .4rem; }
.dialogue { list-style: none; margin: .5rem 0 1rem; padding: 0; display: grid; gap: .4rem; }
.dialogue li { background: var(--panel); border-left: 3px solid var(--line); padding: .4rem .75rem; overflow-wrap: anywhere; white-space: pre-wrap; }
.dialogue .user { border-left-color: var(--first); }
.dialogue .next { background: var(--note-panel); border-left-color: var(--note); }
`;
