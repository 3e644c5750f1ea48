import { createTodoClient, type TodoClient } from "todo-backend-client";
import { type GetToken, tokenSource } from "@/auth/token";

/** The service, as the person who is signed in. */
export interface Connection {
  todo: TodoClient;
  serviceUrl: string;
  userId: string;
  getToken: GetToken;
}

export function connect(serviceUrl: string, userId: string, onSignedOut: () => void): Connection {
  const getToken = tokenSource(onSignedOut);
  return { todo: createTodoClient({ baseUrl: serviceUrl, getToken }), serviceUrl, userId, getToken };
}
