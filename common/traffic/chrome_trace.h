// Turns an event stream into a Chrome trace, which https://ui.perfetto.dev and chrome://tracing
// open.
//
// A kernel's or copy's length is its modelled time on the GPU of the stream, one after the other.
// Rows: tokens, kernels, copies, libraries; counters: VRAM and PCIe bytes (counted) of each token.
// The stream of a target that runs in real time has measured tokens alone, and the trace says so.
#pragma once

#include <functional>
#include <iosfwd>

#include "common/traffic/events.h"

namespace traffic {

// Reads `events` to its end. Throws TrafficError as the reader does.
void write_chrome_trace(EventReader& events, std::ostream& out);

// Gives one event after the other, then null; each must live until the next is asked for.
using NextEvent = std::function<const Event*()>;
// Of events that are in memory. Without an EndEvent, as in a recording that still goes on, the
// trace ends with the last of them.
void write_chrome_trace(const NextEvent& next, std::ostream& out);

}  // namespace traffic
