"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { authClient } from "@/auth/client";

/** For who has no account, and for who has one. */
export function SignIn() {
  const router = useRouter();
  const [isNew, setNew] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, email, password] = ["name", "email", "password"].map((field) => String(form.get(field) ?? ""));
    const person = { email: email!, password: password! };
    setBusy(true);
    setProblem(null);
    const { error } = await (isNew ? authClient.signUp.email({ ...person, name: name! }) : authClient.signIn.email(person));
    setBusy(false);
    if (error) setProblem(error.message ?? "The sign-in cannot be reached. Please try again in a moment.");
    else router.refresh();
  }

  return (
    <main className="sign-in">
      <h1>To do</h1>
      <p>{isNew ? "Make an account to keep your tasks." : "Log in to see your tasks."}</p>
      <form className="card stack" onSubmit={submit}>
        {isNew && (
          <label>
            Name
            <input name="name" autoComplete="name" required />
          </label>
        )}
        <label>
          Email
          <input name="email" type="email" autoComplete="email" required />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autoComplete={isNew ? "new-password" : "current-password"}
            minLength={8}
            required
          />
        </label>
        <p role="alert" className="problem">
          {problem}
        </p>
        <button className="main" disabled={isBusy}>
          {isNew ? "Sign up" : "Log in"}
        </button>
      </form>
      <button className="link" onClick={() => setNew(!isNew)}>
        {isNew ? "I have an account" : "I am new here"}
      </button>
    </main>
  );
}
