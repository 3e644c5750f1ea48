import type { components } from "./schema.js";

export type Problem = components["schemas"]["Problem"];
export type ProblemCode = components["schemas"]["ProblemCode"];
export type FieldError = components["schemas"]["FieldError"];

/** An answer that is no success. Of the service itself it is a `ProblemError`; a proxy on the way may say anything. */
export class AnswerError extends Error {
  override name = "AnswerError";
  readonly status: number;

  constructor(
    message: string,
    readonly response: Response,
  ) {
    super(message);
    this.status = response.status;
  }
}

/** What the service refuses with; `message` may be shown to a person, `code` is what to decide by. */
export class ProblemError<Code extends ProblemCode = ProblemCode> extends AnswerError {
  override name = "ProblemError";
  readonly code: Code;

  constructor(
    readonly problem: Problem & { code: Code },
    response: Response,
  ) {
    super(problem.detail, response);
    this.code = problem.code;
  }

  /** The fields at fault, where some are. */
  get errors(): FieldError[] {
    return this.problem.errors;
  }
}

/** Whether it is a problem with one of these codes: `catch (error) { if (isProblem(error, "email_taken")) … }`. */
export function isProblem<Code extends ProblemCode = ProblemCode>(
  error: unknown,
  ...codes: Code[]
): error is ProblemError<Code> {
  return error instanceof ProblemError && (codes.length === 0 || codes.some((code) => code === error.code));
}

/** `body` is what the answer held, as far as it was JSON. */
export function errorOf(body: unknown, response: Response): AnswerError {
  if (looksLikeProblem(body)) return new ProblemError(body, response);
  return new AnswerError(`The answer was ${response.status}, and no problem document.`, response);
}

export async function readError(response: Response): Promise<AnswerError> {
  return errorOf(parsed(await response.text()), response);
}

/** The data of a call of `api`, or its problem thrown. */
export async function unwrap<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw errorOf(error, response);
  return data as T;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function looksLikeProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "detail" in body && "status" in body;
}
