import { WEEKDAYS, type WorkingHours } from './site';

/** A moment as the clocks of a place show it. */
interface LocalTime {
  weekday: string;
  /** `23:05` */
  clock: string;
}

function localTime(at: string, timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return { weekday: (parts.weekday ?? '').toLowerCase(), clock: `${parts.hour ?? '00'}:${parts.minute ?? '00'}` };
}

/** `Sat 23:05 (Europe/Berlin)` when nobody works at that moment; undefined when people do, or nothing is said of it. */
export function offHours(at: string, hours: WorkingHours | null): string | undefined {
  if (hours === null) return undefined;
  const { weekday, clock } = localTime(at, hours.timezone);
  if (isWorked(weekday, clock, hours)) return undefined;
  return `${weekday.charAt(0).toUpperCase()}${weekday.slice(1)} ${clock} (${hours.timezone})`;
}

/** A shift that ends the next day belongs to the day on which it begins. */
function isWorked(weekday: string, clock: string, { days, from, to }: WorkingHours): boolean {
  const today = WEEKDAYS.findIndex((day) => day === weekday);
  const works = (day: number) => days.some((one) => one === WEEKDAYS[(day + 7) % 7]);
  if (from < to) return works(today) && clock >= from && clock < to;
  return (works(today) && clock >= from) || (works(today - 1) && clock < to);
}
