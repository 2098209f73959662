// SPDX-License-Identifier: MIT
// A client of `vmref serve` for Node, with its own modules alone.
//
//     node client.js [VMREF]
//
//     const v = new Vmref();
//     (await v.ask({op: "walk", va: "0x1234"})).error
//     const s = await v.session({frames: 8}); await s.do("space A");
//     await v.end();
"use strict";
const { spawn } = require("node:child_process");
const readline = require("node:readline");

class Vmref {
  constructor(command = "vmref") {
    this.id = 0;
    this.waiting = new Map();
    this.process = spawn(command, ["serve"], { stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise(done => {
      this.process.on("error", done);
      this.process.on("close", code => done(new Error(`vmref ended, exit code ${code}`)));
    });
    this.ended.then(e => { for (const { fail } of this.waiting.values()) fail(e); });
    this.process.stdin.on("error", () => {}); // `ended` tells
    readline.createInterface({ input: this.process.stdout }).on("line", line => {
      const answer = JSON.parse(line), { done, fail } = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if (answer.error && answer.error.message) fail(new Error(answer.error.message));
      else done(answer);
    });
  }
  // An answer; many may be awaited at once.
  ask(request) {
    const id = ++this.id;
    return new Promise((done, fail) => {
      this.waiting.set(id, { done, fail });
      this.process.stdin.write(JSON.stringify({ id, ...request }) + "\n");
    });
  }
  async session(sizes = {}) {
    const { session } = await this.ask({ op: "new", ...sizes });
    return {
      do: line => this.ask({ op: "op", session, do: line }),
      check: () => this.ask({ op: "check", session }),
      free: () => this.ask({ op: "free", session }),
    };
  }
  async end() {
    this.process.stdin.end();
    await this.ended;
  }
}

async function main() {
  const v = new Vmref(process.argv[2]);
  const mem = { "0x1000": "0x2027", "0x2000": "0x3027", "0x3000": "0x4027", "0x4000": "0x5001" };
  console.log("walk:", (await v.ask({ op: "walk", mem, va: "0x0", access: "write" })).rule);
  const seen = { result: "ok", pa: "0x5000" };
  console.log("allows:", (await v.ask({ op: "allows", mem, va: "0x0", cpl: 0, access: "read", seen })).result);
  const s = await v.session({ frames: 8 });
  for (const line of ["space A", "map A 0x10000 1 rw", "store A 0x10000 42", "fork A B", "store B 0x10000 43"])
    await s.do(line);
  const [a, b] = await Promise.all(["A", "B"].map(p => s.do(`load ${p} 0x10000`)));
  console.log("A has", a.value, "and B has", b.value);
  console.log("invariant:", (await s.check()).result);
  await s.free();
  await s.do("load A 0x10000").catch(e => console.log("refused:", e.message));
  await v.end();
}

module.exports = { Vmref };
if (require.main === module) main().catch(e => { console.error(e.message); process.exit(1); });
