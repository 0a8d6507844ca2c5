"""The commands and their panels: what is shown when one is sent, and when a button of a panel is pressed."""

from typing import Final

from telegram import BotCommand, Message, Update
from telegram.constants import ChatType

from bot import cards, pickers, startlinks
from bot.addressee import conversation_of
from bot.buttons import short
from bot.callbacks import Press
from bot.engine import Engine
from bot.formatting import Stretch
from bot.inline import Offered
from bot.knowledge import WHOLE
from bot.naming import names
from bot.outbox import Outbox, place_of
from bot.panel import Panel, Tap, handle, in_rows, named, notes
from bot.render import sentence
from bot.respond import respond
from bot.shelf import BUTTON_DAYS
from bot.standpoint import Standpoint
from bot.store import Store
from bot.talk import Talk
from bot.updates import Updates
from bot.values import Say
from bot.wording import Wording

# In the order in which the menus show them.
IN_PRIVATE: Final = ("start", "measures", "targets", "units", "region", "unit", "about", "help", "forget")
IN_GROUPS: Final = ("measures", "targets", "units", "region", "unit", "about", "help", "forget")

# A page or a number of more digits is none.
_DIGITS = 6
_NOWHERE = Standpoint()


def menu(commands: tuple[str, ...], wording: Wording) -> list[BotCommand]:
    """The commands with what they do."""
    own = {"start": wording.start_command, "help": wording.help_command, "forget": wording.forget_command}
    return [BotCommand(name, own.get(name) or wording.menu[name]) for name in commands]


class Commands:
    """The panels of one knowledge; `offered` are the questions that a link can ask by their handles."""

    def __init__(
        self, engine: Engine, store: Store, wording: Wording, outbox: Outbox, updates: Updates, talk: Talk,
        offered: Offered, days: tuple[float, float],
    ) -> None:  # fmt: skip
        self._engine, self._store, self._wording, self._outbox = engine, store, wording, outbox
        self._updates, self._talk, self._days = updates, talk, days
        self._menu = wording.menu
        self._offered = offered
        self._examples = {handle(question): question for question in engine.examples}
        self._regions, self._units = names("region", engine), names("unit", engine)
        self._indicators = names("indicator", engine)

    # --- commands

    async def start(self, update: Update, message: Message) -> str:
        """Who this is, with three examples to press; or what a link to the bot opens."""
        opened = startlinks.read(_argument(message), self._engine)
        if opened is None:
            return await self._show(update, self._introduction())
        match opened.kind:
            case "question":
                return await self._talk.ask(update, opened.value)
            case "offer":
                every = (await self._offered.suggestions()).every()
                if question := named(opened.value, dict.fromkeys(every)):
                    return await self._talk.ask(update, question)
                return await self._show(update, self._introduction())
            case "indicator":
                return await self._talk.ask(update, self._column(opened.value))
        panel = self._panel(f"{opened.kind}.{handle(opened.value)}")
        return await self._show(update, panel or self._introduction())

    async def help(self, update: Update, message: Message) -> str:
        """How to ask, and what else there is."""
        text = self._wording.help.format(username=update.get_bot().username)
        return await self._show(update, Panel((Stretch(text),), self._example_taps()))

    async def called(self, update: Update, message: Message) -> str:
        """The bot's name alone, in a group: what to write after it, without a page of help in everybody's way."""
        text = self._wording.help_short.format(username=update.get_bot().username)
        return await self._show(update, Panel((Stretch(text),), self._example_taps()))

    async def measures(self, update: Update, message: Message) -> str:
        """The measures, or the one whose number stands after the command."""
        wanted = _argument(message)
        found, every = self._found("measure", wanted), self._panel("measures.1")
        if wanted and every and not found:
            every = pickers.instead(every, self._menu["no_such_measure"])
        return await self._show(update, found or every)

    async def targets(self, update: Update, message: Message) -> str:
        """Where to begin with the figures; or those of the region or the indicator that stands after the command."""
        wanted = _argument(message)
        if question := self._about_all(wanted) if wanted else None:
            return await self._talk.ask(update, question)
        return await self._show(update, self._listed("region", wanted, pickers.targets(self._engine, self._menu)))

    async def units(self, update: Update, message: Message) -> str:
        """The units, or what the one that stands after the command does."""
        return await self._show(update, self._listed("unit", _argument(message), self._panel("units.0")))

    async def region(self, update: Update, message: Message) -> str:
        """The asker's own region: shown, picked, or set to the one that stands after the command."""
        return await self._own(update, "region", _argument(message))

    async def unit(self, update: Update, message: Message) -> str:
        """The asker's own unit: shown, picked, or set to the one that stands after the command."""
        return await self._own(update, "unit", _argument(message))

    async def about(self, update: Update, message: Message) -> str:
        """The document, the version of the knowledge, what is set, and what becomes of what one writes."""
        knowledge, standpoint = self._engine.knowledge, self._store.standpoint(conversation_of(update))
        unset, date = self._menu["about_unset"], knowledge.facts.get("date")
        region, unit = knowledge.regions.get(standpoint.region), knowledge.units.get(standpoint.unit)
        text = self._menu["about_text"].format(
            name=knowledge.name, number=knowledge.number, date=date.value if date else knowledge.year,
            fingerprint=knowledge.fingerprint, region=region.name if region else unset,
            unit=unit.name if unit else unset, days=f"{self._days[0]:g}", question_days=f"{self._days[1]:g}",
            button_days=BUTTON_DAYS,
        )  # fmt: skip
        return await self._show(update, Panel((Stretch(text),)))

    async def greet(self, update: Update) -> str:
        """One line for a group that has taken the bot in."""
        chat, bot = update.effective_chat, update.get_bot()
        assert chat
        text = self._menu["group_greeting"].format(
            name=self._engine.knowledge.name, username=bot.username, example=min(self._engine.examples, key=len)
        )
        await bot.send_message(chat.id, text)
        return "done"

    # --- buttons

    async def picked(self, press: Press) -> str:
        """A button of a panel: the next panel in its place, a question answered, or something set."""
        update, (kind, _, rest) = press.update, press.code.partition(".")
        if kind in ("setregion", "setunit", "makeregion", "makeunit"):
            return await self._set(press, kind.removeprefix("set").removeprefix("make"), rest, kind.startswith("set"))
        question = self._asked(kind, rest)
        if question:
            await press.answer()
            return await self._talk.ask(update, question)
        panel = self._panel(press.code, self._store.standpoint(conversation_of(update)))
        if panel is None:
            return await self._talk.gone(press)
        await press.answer()
        return await self._turn(update, panel)

    # --- what they share

    def _panel(self, code: str, standpoint: Standpoint = _NOWHERE) -> Panel | None:
        """The panel of that code; None where its matter is gone."""
        engine, menu = self._engine, self._menu
        kind, _, rest = code.partition(".")
        page = int(rest) if rest.isdecimal() and len(rest) < _DIGITS else 0
        match kind:
            case "measures":
                return pickers.measures(page, engine, menu)
            case "measure":
                return cards.measure(page, engine, menu)
            case "regions":
                return pickers.regions(page, engine, menu)
            case "indicators":
                return pickers.indicators(page, engine, menu)
            case "units":
                return pickers.units(page, engine, menu)
            case "ownregions":
                return pickers.own_region(page, standpoint, engine, menu)
            case "ownunits":
                return pickers.own_unit(page, standpoint, engine, menu)
            case "region":
                return cards.region(named(rest, engine.knowledge.regions) or "", engine, menu)
            case "unit":
                return cards.unit(named(rest, engine.knowledge.units) or "", engine, menu)
        return None

    def _asked(self, kind: str, rest: str) -> str | None:
        """The question that a button asks; None where it asks none, or one whose matter is gone."""
        knowledge = self._engine.knowledge
        match kind:
            case "ask":
                return self._examples.get(rest)
            case "ownexample":
                return pickers.own_example(rest, self._engine, self._menu) if rest in ("region", "unit") else None
            case "indicator":
                found = named(rest, knowledge.indicators)
                return self._column(found) if found else None
            case "rank":
                region, _, indicator = rest.partition(".")
                place, counted = named(region, knowledge.regions), named(indicator, knowledge.indicators)
                if place is None or counted is None:
                    return None
                names_ = {"region": knowledge.regions[place].name, "indicator": knowledge.indicators[counted].name}
                return sentence(Say("ask_rank", names_), self._engine.language)
        return None

    def _column(self, indicator: str) -> str:
        knowledge = self._engine.knowledge
        place = knowledge.region_words[0] if knowledge.region_words else ""
        fields = {"place": place, "indicator": knowledge.indicators[indicator].name}
        return sentence(Say("ask_column", fields), self._engine.language)

    def _about_all(self, wanted: str) -> str | None:
        """The question that a command asks for what is no single region: an indicator, or the whole."""
        engine, knowledge = self._engine, self._engine.knowledge
        if indicator := self._indicators.find(wanted):
            if knowledge.indicators[indicator].annex:
                return self._column(indicator)
            names_ = {"indicator": knowledge.indicators[indicator].name, "whole": knowledge.whole.name}
            return sentence(Say("ask_whole", names_), engine.language)
        if self._regions.find(wanted) == WHOLE:
            return sentence(Say("ask_overview", {"region": knowledge.whole.name}), engine.language)
        return None

    def _listed(self, kind: str, wanted: str, every: Panel | None) -> Panel | None:
        """The card of what is called so, or those called nearly so; else all of them, saying that none is."""
        if not wanted or (every and not any(every.rows)):
            # Nothing was named, or the document has none of them.
            return every
        return self._found(kind, wanted) or self._else(kind, wanted, kind, every)

    def _else(self, kind: str, wanted: str, leads_to: str, every: Panel | None) -> Panel | None:
        register, menu = self._regions if kind == "region" else self._units, self._menu
        likely = [(id_, name) for name in register.near(wanted) if (id_ := register.find(name))]
        if likely:
            taps = [Tap(name, f"{leads_to}.{handle(id_)}") for id_, name in likely]
            own = "own" if leads_to != kind else ""
            return pickers.near(taps, Tap(menu[f"from_all_{kind}s"], f"{own}{kind}s.0"), menu)
        return pickers.instead(every, menu["not_found"]) if every else None

    def _found(self, kind: str, wanted: str) -> Panel | None:
        """The card of what is called so; None where nothing is."""
        if kind == "measure":
            digits = "".join(char for char in wanted if char.isdecimal())
            return self._panel(f"measure.{digits}") if digits else None
        found = (self._regions if kind == "region" else self._units).find(wanted) if wanted else None
        return self._panel(f"{kind}.{handle(found)}") if found else None

    async def _own(self, update: Update, kind: str, wanted: str) -> str:
        chat = conversation_of(update)
        every = self._panel(f"own{kind}s.0", self._store.standpoint(chat))
        if not wanted:
            return await self._show(update, every)
        found = (self._regions if kind == "region" else self._units).find(wanted)
        panel = self._keep(chat, kind, found) if found else self._else(kind, wanted, f"set{kind}", every)
        return await self._show(update, panel)

    async def _set(self, press: Press, kind: str, wanted: str, shown: bool) -> str:
        """Keep what was picked for whoever pressed, and say so: in a group only to him."""
        update = press.update
        knowledge = self._engine.knowledge
        found = named(wanted, knowledge.regions if kind == "region" else knowledge.units) if wanted else ""
        if found is None:
            return await self._talk.gone(press)
        panel = self._keep(conversation_of(update), kind, found)
        chat = update.effective_chat
        if shown and chat and chat.type == ChatType.PRIVATE:
            await press.answer()
            return await self._turn(update, panel)
        await press.answer(panel.stretches[0].text)
        return "done"

    def _keep(self, chat: str, kind: str, id_: str) -> Panel:
        """Set it, or drop it where it is empty; what is to be said of it."""
        before = self._store.standpoint(chat)
        after = Standpoint(id_, before.unit) if kind == "region" else Standpoint(before.region, id_)
        if not self._store.set_standpoint(chat, after):
            return Panel((Stretch(self._menu["own_failed"]),))
        if not id_:
            return Panel((Stretch(self._menu[f"own_{kind}_cleared"]),))
        knowledge = self._engine.knowledge
        name = (knowledge.regions if kind == "region" else knowledge.units)[id_].name
        return pickers.own_set(kind, name, self._engine, self._menu)

    def _introduction(self) -> Panel:
        knowledge = self._engine.knowledge
        text = self._wording.start.format(name=knowledge.name, number=knowledge.number)
        return Panel((Stretch(text),), self._example_taps())

    def _example_taps(self) -> tuple[tuple[Tap, ...], ...]:
        return in_rows([Tap(short(example), f"ask.{code}") for code, example in self._examples.items()], 1)

    async def _show(self, update: Update, panel: Panel | None) -> str:
        """A new message."""
        assert panel
        await self._outbox.deliver(update, notes(panel))
        await self._remember(update, panel)
        return "done"

    async def _turn(self, update: Update, panel: Panel) -> str:
        """The panel in place of the one whose button was pressed; as a new message where that one is gone."""
        query = update.callback_query
        assert query and query.message
        shown = notes(panel)
        if len(shown) > 1 or not await self._outbox.change(place_of(update), query.message.message_id, shown[0]):
            await self._outbox.deliver(update, shown)
        await self._remember(update, panel)
        return "done"

    async def _remember(self, update: Update, panel: Panel) -> None:
        """What is asked next may lean on what the panel shows."""
        chat = conversation_of(update)
        if panel.question:
            _, thread = respond(panel.question, self._store.context(chat), self._engine)

            def keep() -> None:
                self._store.remember(chat, thread)
                self._updates.finish(update.update_id)

            await self._store.together(keep)


def _argument(message: Message) -> str:
    """What stands after the command."""
    _, _, rest = (message.text or "").partition(" ")
    return rest.encode("utf-8", "replace").decode("utf-8").strip()
