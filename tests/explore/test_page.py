"""The page in a real browser says what Python says: same ids, same translations, same attention, in good time."""

import html
import json
import re
import shutil
import subprocess
from types import SimpleNamespace
from urllib.parse import unquote

import keras
import numpy as np
import pytest

from conftest import pytest_collectstart
from utils.course.source import ROOT
from utils.datasets.generators.french_english import load
from utils.decoding import ablate_head
from utils.explore import PARTS, SENTENCES, build_page, explore, without_last_byte, write_page
from utils.explore.__main__ import main
from utils.layers import Transformer
from utils.tasks.translation import Translator
from utils.text import SubwordVocabulary, pad_batch

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine: the page was not run")
ODD = ["L’été  à\tl'île—où ça ?", "<end> œuf ▁ 日本 🙂 É", "aujourd'hui, 3 x_y…", "", " "]


@pytest.fixture(scope="module")
def translator():
    return Translator.load()


@pytest.fixture(scope="module")
def page(translator, tmp_path_factory):
    return write_page(translator, tmp_path_factory.mktemp("explore") / "explore.html")


def in_the_page(page, script, given=None):
    """What `script`, a function's body, returns inside the page; `given` is there under its name."""
    call = f"const given = {json.dumps(given)}; const ask = () => {{ {script} }};"
    show = "let told; try { told = ask(); } catch (error) { told = String(error.stack); }"
    end = "document.documentElement.innerHTML = '<pre>' + encodeURIComponent(JSON.stringify(told)) + '</pre>';"
    copy = page.with_name("asked.html")
    copy.write_text(page.read_text("utf-8").replace("</body>", f"<script>{call}{show}{end}</script></body>"), "utf-8")
    return shown_by_browser(copy)


def shown_by_browser(path):
    """What a page, once it is loaded, leaves in the document's only <pre>."""
    profile = f"--user-data-dir={path.parent / 'profile'}"
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", profile, "--window-size=1280,720"]
    result = subprocess.run([*command, "--dump-dom", path.as_uri()], capture_output=True, text=True, timeout=300)
    found = re.search(r"<pre>(.*)</pre>", result.stdout, re.S)
    assert found, result.stderr[-2000:]
    return json.loads(unquote(found[1]))


def greedy(translator, texts):
    """Python's ids of the sources, and of the translations."""
    rows = [ids[1:] for ids in translator.source_vocabulary.encode_all(texts)]
    said = []
    for first in range(0, len(rows), 32):
        said += translator.decode(pad_batch(rows[first : first + 32])).tolist()
    return [row.tolist() for row in rows], [[i for i in row if i] for row in said]


def sentences(count):
    return [french for french, _ in load("test_random")[:count]]


def compare(page, translator, count):
    texts = sentences(count)
    ask = "return given.map((text) => { const r = explorer.run(text); return [r.source, r.tokens, r.text]; });"
    there = in_the_page(page, ask, texts)
    source, said = greedy(translator, texts)
    here = [list(row) for row in zip(source, said, map(translator.target_vocabulary.decode, said), strict=True)]
    assert [(a, b) for a, b in zip(there, here, strict=True) if a != b] == []


@needs_browser
def test_fifty_sentences_come_out_token_for_token(page, translator):
    compare(page, translator, 50)


@needs_browser
@pytest.mark.slow
def test_five_hundred_sentences_come_out_token_for_token(page, translator):
    compare(page, translator, 500)


@needs_browser
def test_attention_is_that_of_the_layers(page, translator):
    texts = sentences(10)
    there = in_the_page(page, "return given.map((text) => explorer.run(text).attention);", texts)
    for source, said, found in zip(*greedy(translator, texts), there, strict=True):
        ids = np.array([source]), np.array([[translator.target_vocabulary.start_id, *said]])
        _, scores = translator.model(ids, return_attention_scores=True)
        assert found.keys() == scores.keys()
        for name, heads in scores.items():
            np.testing.assert_allclose(found[name], np.asarray(heads)[0], atol=1e-3)


@needs_browser
def test_beams_say_what_pythons_beams_say(page, translator):
    texts = sentences(8)
    there = in_the_page(page, "return given.map((text) => explorer.run(text, { beam: 4 }).text);", texts)
    assert there == translator(texts, beam_width=4)


@needs_browser
def test_any_text_is_cut_into_the_same_pieces(page, translator):
    texts = ODD + sentences(2000)[500:]
    there = in_the_page(page, "return given.map((text) => explorer.source.encode(text));", texts)
    assert there == [ids[1:].tolist() for ids in translator.source_vocabulary.encode_all(texts)]


@needs_browser
def test_switches_change_what_the_model_computes(page, translator):
    ask = """
    const text = given, plain = explorer.run(text), row = (r, k, h, t) => r.attention[k][h][t];
    const sums = Object.values(plain.attention).flat(2).map((row) => row.reduce((a, b) => a + b));
    const padded = explorer.run(text, { pads: 3 }), seen = explorer.run(text, { pads: 3, padding: false });
    const ahead = explorer.run(text, { lookAhead: false }), off = explorer.run(text, { off: ["decoder/1/cross/2"] });
    const warm = explorer.run(text, { temperature: 100 }), T = plain.tokens.length;
    const forced = explorer.run(text, {}, [explorer.target.ids.get("▁The")]);
    return {
      sums: Math.max(...sums.map((sum) => Math.abs(sum - 1))),
      same: padded.text === plain.text,
      unseen: row(padded, "encoder/0/self", 0, 0).slice(-3), seen: row(seen, "encoder/0/self", 0, 0).slice(-3),
      future: row(plain, "decoder/0/self", 0, 0).slice(1), ahead: row(ahead, "decoder/0/self", 0, 0).slice(1),
      off: off.steps[0].choices[0], ids: plain.source,
      warm: Math.max(...row(warm, "encoder/0/self", 0, 0)) * plain.source.length,
      places: explorer.run(text, { positions: false }).steps[0].choices[0].logP - plain.steps[0].choices[0].logP,
      forced: forced.text.startsWith("The"), five: plain.steps.map((step) => step.choices.length),
    };"""
    told = in_the_page(page, ask, sentences(1)[0])
    assert told["sums"] < 1e-6 and told["same"] and told["forced"] and set(told["five"]) == {5}
    assert set(told["unseen"]) == {0} and min(told["seen"]) > 0
    assert set(told["future"]) == {0} and min(told["ahead"]) > 0
    assert abs(told["places"]) > 1e-3
    assert told["warm"] == pytest.approx(1, abs=0.2)
    with ablate_head(translator.model, "decoder/1/cross", 2):
        logits = translator.model((np.array([told["ids"]]), np.array([[translator.target_vocabulary.start_id]])))
    log_p = np.asarray(keras.ops.log_softmax(logits))[0, 0]
    assert told["off"]["id"] == log_p.argmax() and told["off"]["logP"] == pytest.approx(log_p.max(), abs=1e-5)


@needs_browser
def test_what_lesson_09_says_of_the_explorer_is_so(page):
    ask = """
    const plain = explorer.run(given), said = plain.tokens.map((id) => explorer.target.show(id));
    const rows = plain.attention["decoder/1/cross"].map((head) => head[1 + said.findIndex((p) => p.includes("Karim"))]);
    const looked = rows.map((row) => explorer.source.show(plain.source[row.indexOf(Math.max(...row))]));
    return [plain.text, looked, explorer.run(given, { positions: false }).text];"""
    text = "Lina va trouver le livre que Karim a perdu"
    assert text in SENTENCES
    plain, looked, placeless = in_the_page(page, ask, text)
    assert plain == "Lina is going to find the book that Karim lost" and placeless == "Karim lost the book"
    assert looked == ["▁perdu"] * 4


@needs_browser
def test_what_the_guide_to_lesson_04_says_of_the_masks_is_so(page):
    ask = """
    const say = (options) => given.map((text) => explorer.run(text, options).text);
    return [say({}), say({ pads: 12 }), say({ pads: 12, padding: false }), say({ lookAhead: false })];"""
    plain, padded, unmasked, ahead = in_the_page(page, ask, list(SENTENCES))
    asked = SENTENCES.index("Combien de chemises le professeur va-t-il acheter ?")
    girls = SENTENCES.index("Ces filles aident les nouveaux médecins et leur donnent une orange")
    assert padded == plain and unmasked[asked] == "How many shirts is the teacher going to buy in the pretty bedroom?"
    assert sum(one != other for one, other in zip(plain, unmasked, strict=True)) == 13
    assert [n for n, (one, other) in enumerate(zip(plain, ahead, strict=True)) if one != other] == [girls]


@needs_browser
def test_switched_off_parts_are_missing_as_they_would_be_from_the_layers(page, translator, monkeypatch):
    ask = """
    const first = (name) => (r) => [r.tokens, r.steps.map((step) => step.choices[0].logP), r.attention[name][3]];
    const run = (options) => explorer.run(given, options);
    return [explorer.source.encode(given),
      first("decoder/1/cross")(run({ pads: 2, padding: false })), first("decoder/1/self")(run({ positions: false })),
      first("encoder/1/self")(run({ temperature: 2 })), first("decoder/1/self")(run({ lookAhead: false }))];"""
    ids, unpadded, placeless, warm, ahead = in_the_page(page, ask, "Elle ne veut pas quitter l'hôpital")
    model, start = translator.model, translator.target_vocabulary.start_id
    parts = [model.encoder, model.decoder]

    def agrees(told, name, source, every_key=False, future=False):
        """What the layers give for the same tokens; each step's own log-probability where nothing later is seen."""
        tokens, log_p, weights = told
        source, target = np.array([source]), np.array([[start, *tokens]])[:, : len(log_p)]
        mask = np.ones((1, 1, 1, source.shape[1]), bool) if every_key else source[:, None, None] != 0
        encoded, scores = model.encoder(source, attention_mask=mask, return_attention_scores=True)
        seen = np.ones((target.shape[1],) * 2, bool) if future else None
        masks = {"self_attention_mask": seen, "cross_attention_mask": mask, "return_attention_scores": True}
        decoded, more = model.decoder(target, encoded, **masks)
        found = np.asarray((scores | more)[name])[0, 3]
        np.testing.assert_allclose(weights, found, atol=1e-3)
        best = np.asarray(keras.ops.log_softmax(model.output_layer(decoded)))[0].max(axis=-1)
        which = slice(-1, None) if future else slice(None)
        np.testing.assert_allclose(log_p[which], best[which], atol=1e-3)

    agrees(unpadded, "decoder/1/cross", [*ids, 0, 0], every_key=True)
    agrees(ahead, "decoder/1/self", ids, future=True)
    with monkeypatch.context() as patch:
        for part in parts:
            patch.setattr(part.positional_encoding, "encoding", 0 * part.positional_encoding.encoding)
        agrees(placeless, "decoder/1/self", ids)
    queries = [w for w in model.weights if "query" in w.name]
    before = [keras.ops.convert_to_numpy(w).copy() for w in queries]
    try:
        for weight, value in zip(queries, before, strict=True):
            weight.assign(value / 2)
        agrees(warm, "encoder/1/self", ids)
    finally:
        for weight, value in zip(queries, before, strict=True):
            weight.assign(value)


@needs_browser
def test_any_translator_has_its_page(tmp_path):
    pairs = [("Le Chat dort.", "The cat sleeps."), ("L'été finit", "Summer ends"), ("Où est-il ?", "Where is he?")]
    source, target = (SubwordVocabulary.train(side, 60, lowercase=True) for side in zip(*pairs, strict=True))
    keras.utils.set_random_seed(3)
    model = Transformer(3, 12, 2, 20, len(source), len(target), 32, 24, norm="post")
    model.build(((None, None), (None, None)))
    for weight in model.weights:  # biases and norms too, or a forgotten one would not show
        weight.assign(weight + keras.random.normal(weight.shape, stddev=0.3))
    other = Translator(model, source, target)
    page, texts = write_page(other, tmp_path / "other.html"), [french for french, _ in pairs]
    there = in_the_page(page, "return given.map((t) => [explorer.run(t).source, explorer.run(t).tokens]);", texts)
    assert there == [list(row) for row in zip(*greedy(other, texts), strict=True)]


@needs_browser
def test_the_page_is_ready_and_translates_in_good_time(page):
    ask = """
    const ready = performance.now(), times = [];
    for (const text of given) {
      const start = performance.now();
      explorer.run(text);
      times.push(performance.now() - start);
    }
    return { ready, median: times.sort((a, b) => a - b)[times.length >> 1] };"""
    told = in_the_page(page, ask, sentences(30))
    assert told["ready"] < 6000 and told["median"] < 600  # 2 s and 200 ms on a core of its own; tests share theirs


@needs_browser
def test_every_control_has_a_name_and_every_picture_a_table(page):
    ask = """
    const all = (what) => [...document.querySelectorAll(what)], named = (e) => e.labels?.length || e.ariaLabel;
    find("kind").value = "matrix";
    find("lookAhead").checked = false;
    update();
    all("details").forEach((details) => { details.open = true; details.dispatchEvent(new Event("toggle")); });
    return {
      nameless: all("input, select").filter((e) => !named(e)).map((e) => e.outerHTML),
      silent: all("button").filter((e) => !e.textContent.trim()).length,
      pictures: all("svg").length, dumb: all("svg").filter((e) => !e.ariaLabel && !e.getAttribute("aria-label")).length,
      tables: all("figure").filter((e) => e.querySelector("details table td")).length,
    };"""
    told = in_the_page(page, ask)
    assert told["nameless"] == [] and told["silent"] == told["dumb"] == 0
    assert told["tables"] == told["pictures"] == 10  # four heads before and now, two masks


@needs_browser
def test_the_keyboard_chooses_words_and_next_pieces(page):
    ask = """
    const said = () => find("status").textContent, pressed = () => document.querySelector(".words [aria-pressed=true]");
    const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    pressed().focus();
    press("ArrowRight");
    press("ArrowRight");
    const second = [pressed().textContent, document.activeElement === pressed(), find("from-title").textContent];
    press("Home");
    const first = pressed().textContent, before = said();
    find("choices").querySelectorAll("button")[2].click();
    const forced = [explorer.target.show(state.now.tokens[0]), said() !== before, find("compared").textContent];
    find("undo").click();
    find("source").firstChild.click();
    return { second, first, forced, back: said() === before, shown: find("name").value };"""
    told = in_the_page(page, ask)
    word, focused, title = told["second"]
    assert word != "start" and focused and word in title and told["first"] == "start"
    piece, changed, compared = told["forced"]
    assert piece != word and changed and "before" in compared and "now" in compared
    assert told["back"] and told["shown"] == "encoder/1/self"


@needs_browser
def test_a_text_that_is_too_long_or_empty_is_answered_in_words(page):
    ask = "return ['mot '.repeat(80), ' ', '🙂'].map((text) => { read(text); return find('status').textContent; });"
    too_long, empty, _ = in_the_page(page, ask)
    assert "At most 64 pieces" in too_long and empty == "Nothing was said."


@needs_browser
def test_a_notebook_as_narrow_as_a_phone_shows_the_page_and_scrolls_in_one_direction(translator, tmp_path):
    ask = """onload = () => {
      const page = frames[0], root = page.document.documentElement;
      page.document.querySelectorAll("details").forEach((details) => { details.open = true; });
      const told = [page.innerWidth, root.scrollWidth, page.document.getElementById("status").textContent];
      document.documentElement.innerHTML = `<pre>${encodeURIComponent(JSON.stringify(told))}</pre>`;
    };"""
    frame = explore(translator).data
    path = tmp_path / "notebook.html"
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><div style="width:390px">{frame}</div><script>{ask}</script>', "utf-8"
    )
    width, needed, said = shown_by_browser(path)
    assert width == 390 and needed <= width and said == translator(SENTENCES[0])


# What VS Code allows a notebook's outputs: the policy of its page for them, without the host that its own files are on.
VS_CODE = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src https: http: data:; font-src https:; connect-src https:; child-src https: data:;"
)


@needs_browser
def test_where_outputs_may_do_no_more_than_in_vs_code_the_page_runs(translator, tmp_path):
    ask = """
    document.getElementById("output").innerHTML = given;
    document.querySelector("iframe").onload = () => {
      const told = frames[0].explorer.run("Marie mange une pomme verte").text;
      document.documentElement.innerHTML = `<pre>${encodeURIComponent(JSON.stringify(told))}</pre>`;
    };"""
    given = json.dumps(explore(translator).data).replace("</", "<\\/")
    head = f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{VS_CODE}">'
    path = tmp_path / "output.html"
    path.write_text(f'{head}<div id="output"></div><script>const given = {given};{ask}</script>', "utf-8")
    assert shown_by_browser(path) == translator(["Marie mange une pomme verte"])[0]


def contrast(one, other):
    """The ratio of two colours' luminances, as WCAG 2 defines it: 1 to 21."""

    def luminance(colour):
        digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
        parts = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
        return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_and_lines_stand_out_from_the_paper(theme):
    themes = re.findall(r":root \{(.*?)\}", (PARTS / "style.css").read_text("utf-8"), re.S)
    colour = dict(re.findall(r"--([\w-]+): (#\w+)", themes[theme]))
    for text in ("ink", "quiet"):
        assert min(contrast(colour[text], colour[back]) for back in ("paper", "soft")) >= 4.5
    for drawn in ("weight", "mark", "line", "focus"):
        assert contrast(colour[drawn], colour["paper"]) >= 3
    assert contrast(colour["on-mark"], colour["mark"]) >= 3  # large and bold


def test_the_page_needs_nothing_from_elsewhere_and_is_small(page):
    text = page.read_text("utf-8")
    assert len(text.encode()) < 8_000_000 and "{{" not in text
    assert not re.search(r"""(?:src|href)=|@import|fetch\(|url\(""", re.sub(r'"weights": "[^"]*"', "", text))


def test_the_notebook_gets_the_same_page(translator):
    shown = explore(translator, height=500).data
    assert "<iframe" in shown and "height:500px" in shown
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1]) == build_page(translator)


def test_lesson_09_stores_a_line_for_the_page_and_nbval_makes_the_same_of_what_it_sees(translator):
    book = json.loads((ROOT / "notebooks" / "09_decoding.ipynb").read_text("utf-8"))
    outputs = [output for cell in book["cells"] for output in cell.get("outputs", ())]
    stored = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    file = SimpleNamespace(sanitize_patterns={})
    pytest_collectstart(file)
    seen = explore(translator).data
    for pattern, made in file.sanitize_patterns.items():
        seen = re.sub(pattern, made, seen)
    assert seen in stored and len(seen) < 200


def test_three_bytes_hold_a_number_to_four_digits():
    numbers = np.array([0.0, 1.0, -3.14159265, 1e-6, 123.456], "float32")
    rows = np.frombuffer(without_last_byte(numbers), np.uint8).reshape(-1, 3)
    back = np.pad(rows, ((0, 0), (1, 0))).copy().view("<f4")[:, 0]
    np.testing.assert_allclose(back, numbers, rtol=2**-16)


def test_the_command_writes_the_page(tmp_path, capsys):
    main(["--out", str(tmp_path / "new" / "page.html")])
    assert (tmp_path / "new" / "page.html").read_text("utf-8").startswith("<!doctype html>")
    assert "6." in capsys.readouterr().out
