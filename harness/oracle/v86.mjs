// SPDX-License-Identifier: MIT
// Boots the 32-bit guest of harness/guest in v86, and copies its mailbox to and from a file that
// the runner has mapped. Started by harness/guest/v86.c:
//     node v86.mjs GUEST.elf MEMORY LAYOUT
// VMREF_V86 is the folder of the npm package v86.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [elf, memory, layout] = process.argv.slice(2);
const [RAM, MAIL, SLOT, SLOT_BYTES, DONE, IN, OUT, CASE, RESULT, CASES, GUEST, SEQUENCE, STEPS, SEQUENCE_BYTES, STEPS_BYTES] = layout.split(",").map(Number);
const folder = process.env.VMREF_V86 || "build/v86/package";
const { V86 } = await import(pathToFileURL(path.resolve(folder, "build/libv86.mjs")));

const shared = fs.openSync(memory, "r+");
const fromFile = (at, n) => { const b = Buffer.alloc(n); fs.readSync(shared, b, 0, n, at); return b; };
const toFile = (at, b) => fs.writeSync(shared, b, 0, b.length, at);

const image = fs.readFileSync(elf);
const emulator = new V86({
  wasm_path: path.resolve(folder, "build/v86.wasm"), memory_size: RAM, vga_memory_size: 2 << 20,
  multiboot: { buffer: image.buffer.slice(image.byteOffset, image.byteOffset + image.length) },
  autostart: false, disable_speaker: true, log_level: 0, fastboot: true,
});
const fromGuest = (at, n) => Buffer.from(emulator.read_memory(at, n));
const toGuest = (at, b) => emulator.write_memory(b, at);

const posted = [0, 0], done = [0, 0], sequences = [0, 0];
let ready = false;
function exchange() {
  toFile(MAIL + GUEST, fromGuest(MAIL + GUEST, SLOT - GUEST)); // what the guest says of itself, and a panic
  ready = true;
  for (const i of [0, 1]) {
    const slot = MAIL + SLOT + i * SLOT_BYTES;
    const head = fromFile(slot, 12), count = head.readUInt32LE(0), cases = head.readUInt32LE(CASES);
    if (count !== posted[i]) {
      posted[i] = count;
      sequences[i] = head.readUInt32LE(CASES + 4);
      toGuest(slot + (sequences[i] ? SEQUENCE : IN), sequences[i] ? fromFile(slot + SEQUENCE, cases * SEQUENCE_BYTES) : fromFile(slot + IN, cases * CASE));
      toGuest(slot + CASES, head.subarray(CASES, CASES + 8));
      toGuest(slot, head.subarray(0, 4));
    }
    const tail = fromGuest(slot + DONE, 12), answered = tail.readUInt32LE(0);
    if (answered !== done[i]) {
      done[i] = answered;
      if (sequences[i]) toFile(slot + STEPS, fromGuest(slot + STEPS, cases * STEPS_BYTES));
      else toFile(slot + OUT, fromGuest(slot + OUT, cases * RESULT));
      toFile(slot + DONE + 4, tail.subarray(4));
      toFile(slot + DONE, tail.subarray(0, 4)); // last: the runner waits for it
    } else toFile(slot + DONE + 8, tail.subarray(8));
  }
}
emulator.add_listener("emulator-loaded", () => {
  toGuest(MAIL, fromFile(MAIL, SLOT)); // somebody listens
  emulator.run();
  setInterval(exchange, 1);
});
