import { headers } from "next/headers";
import { auth } from "@/auth/server";
import { SignIn } from "@/components/SignIn";
import { TodoPage } from "@/components/TodoPage";
import { serviceUrl } from "@/todo/service";

export default async function Page() {
  const session = await auth().api.getSession({ headers: await headers() });
  if (!session) return <SignIn />;
  const { id, name } = session.user;
  return <TodoPage key={id} serviceUrl={serviceUrl()} user={{ id, name }} />;
}
