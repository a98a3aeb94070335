/** Explains the claims that the results do not keep. */
export function describeMissed() {
  return '';
}
