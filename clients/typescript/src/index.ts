export { Chat, type ChatRequest, type Turn } from "./chat.js";
export { Auth, createTodoClient, type Options, type TodoClient } from "./client.js";
export type { ChatEvent } from "./events.js";
export { newIdempotencyKey } from "./keys.js";
export type { LocalChange } from "./outbox.js";
export { eachOf } from "./pages.js";
export {
  AnswerError,
  type FieldError,
  isProblem,
  type Problem,
  type ProblemCode,
  ProblemError,
  unwrap,
} from "./problems.js";
export type { Fetch, Patience } from "./repeating.js";
export { Replica, type ReplicaOptions } from "./replica.js";
export { replicaIn, replicaInMemory, type ReplicaStore } from "./replicaStore.js";
export type { components, operations, paths } from "./schema.js";
export { inMemory, stored, type TextStore, type TokenStorage, type Tokens, type User } from "./storage.js";
export {
  type IfUnchanged,
  type Once,
  type Operation,
  type Stoppable,
  type Task,
  type TaskChanges,
  type TaskDraft,
  type TaskQuery,
  Tasks,
} from "./tasks.js";
