/** As many alerts as one benchmark may submit. */
export const MOST_ALERTS = 20_000;

/**
 * A public address that belongs to no other number: of a block that nobody announces and no warning list names.
 * @param number 0 to 2^24 - 1
 */
export function addressOf(number: number): string {
  return `26.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

/**
 * A forgotten password: one source outside, which every provider knows as clean, so that the run ends by itself and
 * leaves nothing behind that would disturb the next phase.
 * @param address of the source
 */
export function alertBody(number: number, address: string, at: Date): string {
  return JSON.stringify({
    source: 'exchange',
    alert_id: `bench-${number}`,
    alert_type: 'brute_force',
    severity: 'low',
    timestamp: at.toISOString(),
    title: 'Failed webmail logins',
    src_ip: address,
    dest_ip: '10.0.1.31',
    dest_port: 443,
    hostname: 'mail01.corp.example',
    username: `user${number}`,
    failed_attempts: 4,
    outcome: 'failure',
    direction: 'inbound',
    rule_name: 'OWA: failed logins',
    raw_log: `${at.toISOString()} POST /owa/auth.owa 401 user${number} ${address} Mozilla/5.0 - count=4`,
  });
}
