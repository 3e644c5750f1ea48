export function check(holds, what) {
  if (!holds) throw new Error(`Not so: ${what}`);
}

/** Asks again and again; twenty seconds are when to give up, not what is expected. */
export async function until(what, holds) {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    check(Date.now() < deadline, what);
    await new Promise((done) => setTimeout(done, 50));
  }
}
