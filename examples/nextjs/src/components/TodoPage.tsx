"use client";

import { useRouter } from "next/navigation";
import { useMemo, useRef, useState } from "react";
import { authClient } from "@/auth/client";
import { connect } from "@/todo/connection";
import { type Filters, useTasks } from "@/todo/useTasks";
import { AddTask } from "./AddTask";
import { Chat } from "./Chat";
import { NoticeBar } from "./NoticeBar";
import { TaskFilters } from "./TaskFilters";
import { TaskRow } from "./TaskRow";

interface Props {
  serviceUrl: string;
  user: { id: string; name: string };
}

export function TodoPage({ serviceUrl, user }: Props) {
  const router = useRouter();
  const connection = useMemo(() => connect(serviceUrl, user.id, () => router.refresh()), [serviceUrl, user.id, router]);
  const [filters, setFilters] = useState<Filters>({ status: "all" });
  const list = useTasks(connection, filters);
  const heading = useRef<HTMLHeadingElement>(null);

  async function logOut() {
    await authClient.signOut();
    router.refresh();
  }

  return (
    <>
      <header className="top">
        <h1>To do</h1>
        <span className="who">{user.name}</span>
        <button onClick={logOut}>Log out</button>
      </header>
      <main className="columns">
        <section aria-labelledby="tasks" aria-busy={list.isLoading}>
          <h2 id="tasks" tabIndex={-1} ref={heading}>
            Tasks
          </h2>
          <AddTask add={list.add} />
          <TaskFilters filters={filters} setFilters={setFilters} />
          <ul className="card tasks">
            {list.tasks.map((task) => (
              <TaskRow key={task.id} task={task} list={list} />
            ))}
          </ul>
          {list.tasks.length === 0 && <p className="empty">{list.isLoading ? "Loading…" : "There is nothing here."}</p>}
          {list.hasMore && (
            <button className="more" onClick={list.showMore} disabled={list.isLoading}>
              Show more
            </button>
          )}
        </section>
        <Chat connection={connection} onChange={list.reload} />
      </main>
      <NoticeBar notice={list.notice} dismiss={list.dismiss} goBack={() => heading.current?.focus()} />
    </>
  );
}
