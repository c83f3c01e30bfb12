"""The minimal input asked on the terminal: every answer is judged at once, and nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from csanalysis.labels import text
from csanalysis.model.scenario import ParameterSpace
from csanalysis.workspace.minimal import (
    MENUS,
    QUESTIONS,
    TASK_COLUMNS,
    TASKS,
    Answers,
    Doubt,
    Entry,
    Problem,
    Task,
    example_value,
    find_doubts,
    judge_choice,
    judge_hours,
    judge_number,
    label,
    offered,
    plain,
    shown,
    words_of,
)
from csanalysis.workspace.minimal_tables import example_dataset
from csanalysis.workspace.minimal_tasks import without_volume

Read = Callable[[str], str]
Say = Callable[[str], None]
BACK, ESTIMATE = ("<", "\uff1c"), ("?", "\uff1f")
"""Back to the question or task before; end of a number that is an estimate (half and full width)."""
COMMAS = "[,\uff0c、]"


def ask_minimal(read: Read, say: Say, lang: str) -> Answers:
    """Ask for the minimal input, question by question, and about everything that looks unlikely.

    Parameters
    ----------
    read : callable
        Shows a prompt and returns a line, as ``input`` does.
    say : callable
        Shows a line.
    lang : {"ja", "en"}

    Returns
    -------
    Answers
        Complete; the analyst has confirmed every doubt.
    """
    return _Asking(read, say, lang, example_dataset(lang).space).run()


class _Asking:
    """One conversation."""

    def __init__(self, read: Read, say: Say, lang: str, space: ParameterSpace) -> None:
        self.read, self.say, self.lang, self.space = read, say, lang, space
        self.entries: dict[str, Entry] = {}
        self.tasks: list[Task] = []

    @property
    def answers(self) -> Answers:
        return Answers(dict(self.entries), tuple(self.tasks))

    def run(self) -> Answers:
        self.say(text("minimal.ask.intro", self.lang, count=len(QUESTIONS)))
        at = 0
        while at < len(QUESTIONS):
            at = at + 1 if self.question(at) else max(at - 1, 0)
        self.say(text("minimal.ask.tasks", self.lang, stages=", ".join(offered("stage", self.lang))))
        while (task := self.task()) or not self.tasks:
            if task:
                self.tasks.append(task)
        self.settle_doubts()
        return self.answers

    def question(self, at: int) -> bool:
        """Ask one question until the answer holds; False to go back to the one before."""
        key = QUESTIONS[at]
        prompt = self.menu(at, key) if key in MENUS else self.number(at, key)
        while (entered := self.read(prompt).strip()) not in BACK:
            estimated = key not in MENUS and entered.endswith(ESTIMATE)
            judged = self.judge(key, entered[:-1] if estimated else entered)
            if not isinstance(judged, Problem):
                self.entries[key] = Entry(judged, estimated)
                return True
            self.say(judged.text(self.lang))
        return False

    def number(self, at: int, key: str) -> str:
        example = shown(key, example_value(key, self.space), self.space.find(key).unit, self.lang)
        return self.prompt(at, key, "number", unit=text(f"minimal.{key}.unit", self.lang), example=example)

    def menu(self, at: int, key: str) -> str:
        options = "  ".join(f"{n} {word}" for n, word in enumerate(offered(key, self.lang), 1))
        return self.prompt(at, key, "menu", options=options)

    def prompt(self, at: int, key: str, sort: str, **values: str) -> str:
        place = {"number": at + 1, "count": len(QUESTIONS), "label": label(key, self.lang)}
        note = text(f"minimal.{key}.note", self.lang)
        return text(f"minimal.ask.{sort}", self.lang, note=note, **place, **values)

    def judge(self, key: str, entered: str) -> float | str | Problem:
        if key not in MENUS:
            return judge_number(key, entered, self.space, self.lang)
        terms, chosen = list(words_of(key)), plain(entered)
        if chosen.isdecimal() and 1 <= int(chosen) <= len(terms):
            return terms[int(chosen) - 1]
        return judge_choice(key, entered, self.lang)

    def task(self) -> Task | None:
        """Ask for one task in one line; None for an empty line (told where there is no task yet)."""
        while line := self.read(text("minimal.ask.task", self.lang, number=len(self.tasks) + 1)).strip():
            if line in BACK:
                self.tasks = self.tasks[:-1]
                continue
            judged = self.read_task(line)
            if isinstance(judged, Task):
                return judged
            for problem in judged:
                self.say(problem.text(self.lang))
        if not self.tasks:
            self.say(Problem("minimal_no_tasks").text(self.lang))
        return None

    def read_task(self, line: str) -> Task | list[Problem]:
        parts = [p.strip() for p in (line.split("\t") if "\t" in line else re.split(COMMAS, line))]
        if len(parts) < len(TASK_COLUMNS) or not parts[0]:
            return [Problem("minimal_line", {"count": len(parts)})]
        extra = len(parts) - len(TASK_COLUMNS)
        name, rest = ", ".join(parts[: extra + 1]), parts[extra + 1 :]
        judged: dict[str, float | str | Problem] = {}
        for column, cell in zip(TASK_COLUMNS[1:], rest, strict=True):
            is_hours = column == "hours"
            judge = judge_hours(cell, self.lang) if is_hours else judge_choice(column, cell, self.lang)
            judged[column] = judge
        problems = [p for p in judged.values() if isinstance(p, Problem)]
        if problems:
            return problems
        stage, hours, value, routine, personal = judged.values()
        task = Task(name, str(stage), float(str(hours)), str(value), routine == "yes", personal == "yes")
        return list(self.between(task)) or task

    def between(self, task: Task) -> Iterator[Problem]:
        for n, other in enumerate(self.tasks, 1):
            if (plain(other.name), other.stage) == (plain(task.name), task.stage):
                yield Problem("minimal_twice", {"first": n})
        idle = without_volume(task, self.answers)
        if idle:
            yield idle

    def settle_doubts(self) -> None:
        """Ask about every doubt; what is not confirmed is asked for again, until nothing is open."""
        confirmed: list[Doubt] = []
        while doubt := next((d for d in find_doubts(self.answers, self.space) if d not in confirmed), None):
            if self.yes(doubt.text(self.lang)):
                confirmed.append(doubt)
            elif doubt.key == TASKS:
                self.hours_again()
            else:
                while not self.question(QUESTIONS.index(doubt.key)) or self.idle():
                    pass

    def idle(self) -> bool:
        """Tell of the first task whose hours nothing brings about any more."""
        problem = next((p for task in self.tasks if (p := without_volume(task, self.answers))), None)
        if problem:
            self.say(problem.text(self.lang))
        return problem is not None

    def yes(self, question: str) -> bool:
        return plain(self.read(f"{question} [y/N]: ")) in words_of("routine")["yes"]

    def hours_again(self) -> None:
        """Ask for the hours of every task again; an empty line keeps them."""
        self.say(text("minimal.ask.hours_again", self.lang))
        for n, task in enumerate(self.tasks):
            while entered := self.read(f"  {task.name} ({task.hours:g}): ").strip():
                hours = judge_hours(entered, self.lang)
                if not isinstance(hours, Problem):
                    self.tasks[n] = replace(task, hours=hours)
                    break
                self.say(hours.text(self.lang))
