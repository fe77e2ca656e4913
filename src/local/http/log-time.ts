/** Times as access logs write them, and the events of HTTP front ends. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** For example `22/Nov/2026:12:00:00 +0000`. */
export function commonLogTime(date: Date): string {
  const [year, , day] = date.toISOString().slice(0, 10).split('-');
  return `${day}/${MONTHS[date.getUTCMonth()]}/${year}:${date.toISOString().slice(11, 19)} +0000`;
}
