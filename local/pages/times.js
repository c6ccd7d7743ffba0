// Times of inputs, which are in this browser's zone.

import { Refusal } from "./requests.js";

/** A time in Unix seconds as the value of an input of type datetime-local. */
export function localTime(seconds) {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

/** The time of such an input in Unix seconds. Throws a Refusal where it is none. */
export function unixSeconds(value, field) {
  const time = new Date(value).getTime();
  if (Number.isNaN(time)) {
    throw new Refusal("Give a date and a time.", field);
  }
  return Math.floor(time / 1000);
}
