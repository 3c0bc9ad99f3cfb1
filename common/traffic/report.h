// The recorder's tables: as JSON for programs, as plain text for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "common/traffic/recorder.h"

namespace traffic {

// {counted: {...}, declared: {...}, modelled: {gpu, seconds, ...}} of some totals. The groups keep
// apart what was counted from what was declared and what is a model.
nlohmann::ordered_json totals_json(const Totals& totals, const GpuSpec& gpu);

// {gpu, kernels: [{phase, kernel, counted, declared, modelled}], tensors: [{phase, tensor,
// counted}], instructions: [...]}, summed over tokens. Sorted as first used.
nlohmann::ordered_json report_json(const Recorder& recorder);

// One line a kernel of the filter's part: launches, bytes by level, wavefronts over ideal, modelled
// time and its bound. Columns that do not fit into `width` characters are left out, the least
// important first; the kernel's name is shortened last. The closing lines say which columns are
// counted, declared and modelled. A library's bytes are declared, so they are not in the columns.
std::string kernel_table(const Recorder& recorder, const Filter& filter = {}, int width = 100);

}  // namespace traffic
