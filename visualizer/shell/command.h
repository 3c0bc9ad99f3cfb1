// What a key asks for; the same as a button's click.
#pragma once

namespace viz {

enum class Command {
  kPlay,
  kBackKernel,
  kNextKernel,
  kBackToken,
  kNextToken,
  kRestart,
  kFollow,
  kHelp,
  kCloseHelp,
  kPanel1,  // and those behind it
};

}  // namespace viz
