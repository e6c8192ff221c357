/** True of an error code of Windows, in hexadecimal or not, that is none of success. */
export function failedByCode(code: unknown): boolean {
  const text = String(code).trim();
  return /^(?:0x[0-9a-f]{1,16}|-?\d{1,20})$/i.test(text) && !/^(?:0x)?0+$/i.test(text);
}
