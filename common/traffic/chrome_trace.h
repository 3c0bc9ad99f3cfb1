// Turns an event stream into a Chrome trace, which https://ui.perfetto.dev and chrome://tracing
// open.
//
// Nothing in it was measured: a kernel's or copy's length is its modelled time on the GPU of the
// stream, one after the other. Rows: tokens, kernels, copies, libraries; counters: VRAM and PCIe
// bytes (counted) of each token.
#pragma once

#include <iosfwd>

#include "common/traffic/events.h"

namespace traffic {

// Reads `events` to its end. Throws TrafficError as the reader does.
void write_chrome_trace(EventReader& events, std::ostream& out);

}  // namespace traffic
