/* The Transformer's forward pass, for one sentence at a time. The names are those of the course's layers.

A matrix of T rows and D columns is one Float32Array of T·D numbers, row after row.
Switches, all off by default: off (a set of heads such as "encoder/0/self/2"), lookAhead, padding and
positions (false takes them away), temperature (the attention's softmax), pads (how much padding the source has). */
"use strict";
const PAD = 0, START = 1, END = 2, UNKNOWN = 3, SPACE = "▁";
const DEFAULTS = { off: [], lookAhead: true, padding: true, positions: true, temperature: 1, pads: 0, beam: 1 };

// Text to ids ----------------------------------------------------------------------------------------

class Subwords {
  constructor({ pieces, merges, lowercase }) {
    this.pieces = pieces;
    this.lowercase = lowercase;
    this.ids = new Map(pieces.map((piece, id) => [piece, id]));
    this.longest = Math.max(...pieces.map((piece) => piece.length));
    this.ranks = new Map(merges.map(([left, right], rank) => [left + "\n" + right, rank]));
  }

  clean(text) { // one form of each letter, one space between words
    text = text.normalize("NFC").replace(/\p{White_Space}+/gu, " ").replace(/^ | $/g, "");
    return this.lowercase ? text.toLowerCase() : text;
  }

  encode(text) { // no start: the encoder needs none
    text = this.clean(text);
    if (!text) return [END];
    text = text.replaceAll(" ", SPACE);
    if (!text.startsWith(SPACE)) text = SPACE + text;
    const ids = [];
    for (const part of text.split(/(?=▁)/u)) { // a space begins a word, and then words and signs part
      const word = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";
      const cut = new RegExp(`▁?${word}+['’]?|▁?(?!${word})[^\\p{White_Space}▁]`, "gu");
      let last = 0;
      for (const match of part.matchAll(cut)) {
        if (match.index > last) ids.push(...this.merge(part.slice(last, match.index)));
        ids.push(...this.merge(match[0]));
        last = match.index + match[0].length;
      }
      if (last < part.length) ids.push(...this.merge(part.slice(last)));
    }
    return [...ids, END];
  }

  merge(word) { // byte-pair encoding: of all neighbours, first those that were joined first in training
    const known = (piece) => (this.ids.has(piece) ? piece : null);
    const pieces = [...word].map(known); // null is an unknown character, which joins with nothing
    for (;;) {
      let best = Infinity, at = -1;
      for (let i = 0; i + 1 < pieces.length; i++) {
        const rank = this.ranks.get(pieces[i] + "\n" + pieces[i + 1]) ?? Infinity;
        if (rank < best) [best, at] = [rank, i];
      }
      if (at < 0) return pieces.map((piece) => (piece === null ? UNKNOWN : this.ids.get(piece)));
      pieces.splice(at, 2, pieces[at] + pieces[at + 1]);
    }
  }

  show(id) {
    return { [PAD]: "pad", [START]: "start", [END]: "end", [UNKNOWN]: "�" }[id] ?? this.pieces[id];
  }

  decode(ids) {
    const shown = { [PAD]: "", [START]: "", [END]: "", [UNKNOWN]: "�" };
    return ids.map((id) => shown[id] ?? this.pieces[id]).join("").replaceAll(SPACE, " ").trim();
  }
}

// The layers ----------------------------------------------------------------------------------------

function dense(x, { kernel, bias }, N, M) { // x W + b: rows of N numbers to rows of M
  const T = x.length / N, y = new Float32Array(T * M);
  for (let t = 0; t < T; t++) {
    const row = y.subarray(t * M, (t + 1) * M);
    row.set(bias);
    for (let n = 0; n < N; n++) {
      const value = x[t * N + n], from = n * M;
      if (value === 0) continue; // much of what the ReLU lets through
      for (let m = 0; m < M; m++) row[m] += value * kernel[from + m];
    }
  }
  return y;
}

function layerNorm(x, { gamma, beta }, D, epsilon) { // each token over its own features
  const y = new Float32Array(x.length);
  for (let from = 0; from < x.length; from += D) {
    let mean = 0, variance = 0;
    for (let d = 0; d < D; d++) mean += x[from + d] / D;
    for (let d = 0; d < D; d++) variance += (x[from + d] - mean) ** 2 / D;
    const scale = 1 / Math.sqrt(variance + epsilon);
    for (let d = 0; d < D; d++) y[from + d] = gamma[d] * (x[from + d] - mean) * scale + beta[d];
  }
  return y;
}

function softmax(scores) {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest)); // the highest becomes 1: nothing overflows
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

function add(x, y) {
  return x.map((value, i) => value + y[i]);
}

function positionalEncoding(position, D) {
  const row = new Float32Array(D);
  for (let d = 0; d < D; d++) {
    const angle = position / 10000 ** ((2 * Math.floor(d / 2)) / D);
    row[d] = d % 2 ? Math.cos(angle) : Math.sin(angle);
  }
  return row;
}

// The model ----------------------------------------------------------------------------------------

class Transformer {
  constructor(config, weights) {
    this.config = config;
    this.weights = weights; // a tree of the names: weights.encoder[0].self_attention.query.kernel
  }

  embed(stack, ids, first, options) { // rows of the table times √D, plus where each word stands
    const D = this.config.embedding_dim, table = this.weights[stack].embedding, x = new Float32Array(ids.length * D);
    ids.forEach((id, t) => {
      const place = positionalEncoding(first + t, D);
      for (let d = 0; d < D; d++) x[t * D + d] = table[id * D + d] * Math.sqrt(D) + (options.positions ? place[d] : 0);
    });
    return x;
  }

  norm(x, weights) {
    return layerNorm(x, weights, this.config.embedding_dim, this.config.epsilon);
  }

  keysAndValues(x, attention) { // the half of attention that does not depend on the query
    const D = this.config.embedding_dim;
    return { keys: dense(x, attention.key, D, D), values: dense(x, attention.value, D, D) };
  }

  /* Queries x look at keys and values. mask(t, s) says whether query t may look at key s.
     Returns the output and the weights [head][query][key]. */
  attend(x, { keys, values }, attention, mask, name, options) {
    const D = this.config.embedding_dim, H = this.config.num_heads, K = D / H;
    const T = x.length / D, S = keys.length / D;
    const queries = dense(x, attention.query, D, D), heads = new Float32Array(T * D), scores = [];
    for (let h = 0; h < H; h++) {
      scores.push([]);
      for (let t = 0; t < T; t++) {
        const row = new Array(S).fill(-Infinity);
        for (let s = 0; s < S; s++) {
          if (!mask(t, s)) continue;
          let product = 0;
          for (let k = 0; k < K; k++) product += queries[t * D + h * K + k] * keys[s * D + h * K + k];
          row[s] = product / Math.sqrt(K) / options.temperature;
        }
        const weights = softmax(row);
        scores[h].push(weights);
        if (options.off.includes(`${name}/${h}`)) continue; // a head that is off looks, and says nothing
        for (let s = 0; s < S; s++)
          for (let k = 0; k < K; k++) heads[t * D + h * K + k] += weights[s] * values[s * D + h * K + k];
      }
    }
    return [dense(heads, attention.output, D, D), scores]; // W_O mixes the heads
  }

  feedForward(x, { widen, narrow }) {
    const D = this.config.embedding_dim, F = widen.bias.length;
    const wide = dense(x, widen, D, F).map((value) => Math.max(value, 0));
    return dense(wide, narrow, F, D);
  }

  sublayer(x, norm, f) { // residual and norm around each sub-layer, before it or after it
    const pre = this.config.norm === "pre";
    const y = add(x, f(pre ? this.norm(x, norm) : x));
    return pre ? y : this.norm(y, norm);
  }

  encode(ids, options) {
    const attention = {}, mask = (t, s) => !options.padding || ids[s] !== PAD;
    let x = this.embed("encoder", ids, 0, options);
    for (let n = 0; n < this.config.num_layers; n++) {
      const layer = this.weights.encoder[n], name = `encoder/${n}/self`;
      x = this.sublayer(x, layer.attention_norm, (y) => {
        const memory = this.keysAndValues(y, layer.self_attention);
        const [output, scores] = this.attend(y, memory, layer.self_attention, mask, name, options);
        attention[name] = scores;
        return output;
      });
      x = this.sublayer(x, layer.feed_forward_norm, (y) => this.feedForward(y, layer));
    }
    const { final_norm } = this.weights.encoder;
    return { ids, attention, mask, encoded: final_norm ? this.norm(x, final_norm) : x };
  }

  startCache(source) { // what the decoder keeps: keys and values of the source, and of what was said
    const layers = [...Array(this.config.num_layers).keys()].map((n) => ({
      cross: this.keysAndValues(source.encoded, this.weights.decoder[n].cross_attention),
      self: { keys: new Float32Array(0), values: new Float32Array(0) },
    }));
    return { layers, length: 0 };
  }

  /* Says what may come after `token`: the cache with one more key and value, the logits, and where it looked.
     Several tokens at once are several rows, which are masked from one another's future. */
  decode(tokens, source, cache, options) {
    const D = this.config.embedding_dim, attention = {}, layers = [];
    const lookAhead = (t, s) => !options.lookAhead || s <= cache.length + t;
    let x = this.embed("decoder", tokens, cache.length, options);
    for (let n = 0; n < this.config.num_layers; n++) {
      const layer = this.weights.decoder[n], old = cache.layers[n];
      let self;
      x = this.sublayer(x, layer.self_norm, (y) => {
        const added = this.keysAndValues(y, layer.self_attention);
        self = { keys: join(old.self.keys, added.keys), values: join(old.self.values, added.values) };
        const name = `decoder/${n}/self`;
        const [output, scores] = this.attend(y, self, layer.self_attention, lookAhead, name, options);
        attention[name] = scores;
        return output;
      });
      x = this.sublayer(x, layer.cross_norm, (y) => {
        const name = `decoder/${n}/cross`;
        const [output, scores] = this.attend(y, old.cross, layer.cross_attention, source.mask, name, options);
        attention[name] = scores;
        return output;
      });
      x = this.sublayer(x, layer.feed_forward_norm, (y) => this.feedForward(y, layer));
      layers.push({ cross: old.cross, self });
    }
    const { final_norm } = this.weights.decoder, { output_layer } = this.weights;
    x = (final_norm ? this.norm(x, final_norm) : x).subarray(-D); // the last place says what comes next
    const logits = dense(x, output_layer, D, output_layer.bias.length);
    return { logits, attention, cache: { layers, length: cache.length + tokens.length } };
  }

  /* One more token. Without the look-ahead mask what was said may look at what came later, so old keys and
     values are no longer true: then all is read again. */
  step(said, source, cache, options) {
    if (options.lookAhead) return this.decode(said.slice(-1), source, cache, options);
    return this.decode(said, source, this.startCache(source), options);
  }
}

function join(x, y) {
  const both = new Float32Array(x.length + y.length);
  both.set(x);
  both.set(y, x.length);
  return both;
}

// Decoding ----------------------------------------------------------------------------------------

function likeliest(logits, count) { // the first of equals first, as argmax does
  const order = [...logits.keys()].sort((a, b) => logits[b] - logits[a] || a - b).slice(0, count);
  const highest = logits[order[0]];
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
  return order.map((id) => ({ id, logP: logits[id] - highest - Math.log(total) }));
}

function greedy(model, source, forced, options) {
  let said = [START], cache = model.startCache(source), attention = {};
  const steps = [];
  while (said.length <= model.config.max_target) {
    const next = model.step(said, source, cache, options);
    cache = next.cache;
    attention = options.lookAhead ? appendRows(attention, next.attention) : next.attention;
    const choices = likeliest(next.logits, 5);
    const id = forced[said.length - 1] ?? choices[0].id;
    steps.push({ id, choices, logP: choices[0].logP + next.logits[id] - next.logits[choices[0].id] });
    if (id === END) break;
    said.push(id);
  }
  return { tokens: said.slice(1), steps, attention };
}

function appendRows(attention, rows) { // each step adds a query to every head, and a key that earlier ones may not see
  const grown = {};
  for (const [name, heads] of Object.entries(rows))
    grown[name] = heads.map((queries, h) => {
      const S = queries[0].length, earlier = attention[name]?.[h] ?? [];
      return [...earlier.map((row) => [...row, ...new Array(S - row.length).fill(0)]), ...queries];
    });
  return grown;
}

/* Beam search: the `width` likeliest beginnings side by side. A sentence scores its log-probability divided by
   ((5 + tokens) / 6)^0.6, so that long ones can compete. Returns the best one's tokens, the end left out. */
function beamSearch(model, source, forced, options, width) {
  const limit = model.config.max_target, penalty = (length) => ((5 + length) / 6) ** 0.6;
  let beams = [{ said: [START], cache: model.startCache(source), logP: 0 }], best = { score: -Infinity };
  for (let length = 1; length <= limit; length++) {
    const wanted = forced[length - 1];
    let grown = [];
    for (const { said, cache, logP } of beams) {
      const next = model.step(said, source, cache, options);
      for (const choice of wanted === undefined ? likeliest(next.logits, 2 * width) : [{ id: wanted, logP: 0 }])
        grown.push({ said: [...said, choice.id], cache: next.cache, logP: logP + choice.logP });
    }
    grown = grown.sort((a, b) => b.logP - a.logP).slice(0, 2 * width);
    grown.forEach(({ said, logP }, rank) => {
      const score = logP / penalty(length);
      if (rank < width && said.at(-1) === END && score > best.score) best = { score, said: said.slice(0, -1) };
    });
    beams = grown.filter(({ said }) => said.at(-1) !== END).slice(0, width);
    if (!beams.length || beams[0].logP / penalty(limit) <= best.score) break; // even if all that follows were certain
  }
  return (best.said ?? beams[0].said).slice(1);
}

// The explorer ----------------------------------------------------------------------------------------

function readWeights({ shapes, weights }) { // float32 without its last byte, one array after the other
  const text = atob(weights), bits = new Uint32Array(text.length / 3), byte = (i) => text.charCodeAt(i);
  for (let i = 0; i < bits.length; i++)
    bits[i] = (byte(3 * i) << 8) | (byte(3 * i + 1) << 16) | (byte(3 * i + 2) << 24);
  const numbers = new Float32Array(bits.buffer), tree = {};
  let from = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const array = numbers.subarray(from, (from += shape.reduce((a, b) => a * b, 1)));
    const path = name.split("/"), leaf = path.pop();
    path.reduce((node, part) => (node[part] ??= {}), tree)[leaf] = array;
  }
  return tree;
}

class Explorer {
  constructor(data) {
    this.data = data;
    this.source = new Subwords(data.source);
    this.target = new Subwords(data.target);
    this.model = new Transformer(data.config, readWeights(data));
  }

  /* Reads and says a text. `forced` are tokens to begin with, whatever the model thinks of them. */
  run(text, options = {}, forced = []) {
    options = { ...DEFAULTS, ...options };
    const longest = this.data.config.max_source, characters = this.source.clean(text).length;
    if (characters > longest * this.source.longest) // no need to cut it into pieces, which would take long
      throw new RangeError(`At most ${longest} pieces, the end counted. This has more: ${characters} characters.`);
    const ids = this.source.encode(text);
    if (ids.length === 1) return { tokens: [], text: "", source: ids, steps: [], attention: {} };
    if (ids.length > longest) throw new RangeError(`At most ${longest} pieces, the end counted. This has ${ids.length}.`);
    for (let n = 0; n < options.pads && ids.length < longest; n++) ids.push(PAD);
    const source = this.model.encode(ids, options);
    if (options.beam > 1) forced = [...beamSearch(this.model, source, forced, options, options.beam), END]; // then read it once
    const said = greedy(this.model, source, forced, options);
    const attention = { ...source.attention, ...said.attention };
    return { ...said, text: this.target.decode(said.tokens), source: ids, attention };
  }

  async translate(text, options, forced) {
    return this.run(text, options, forced);
  }
}

if (typeof document !== "undefined") {
  window.explorer = new Explorer(JSON.parse(document.getElementById("data").textContent));
}
