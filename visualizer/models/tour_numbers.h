// The numbers that a card's sentences may have.
#pragma once

#include <string>

#include "visualizer/models/compare_model.h"  // Unit
#include "visualizer/models/tour_model.h"

namespace viz {

constexpr const char* kTourMissing = "…";  // stands for a number that is not recorded (yet)

// One that is a sum over work.
struct TourField {
  const char* name;  // "vram_bytes"
  Unit unit;
  double (*of)(const Sums&);
};
const TourField* find_tour_field(const std::string& name);  // null: none
// Whether there is a number of this field for "" (the card's token), "prefill", "mean", "kernel",
// "drafting", "verifying", or a class of tensors: "weights", "kv_cache", ...
bool has_tour_part(const TourField& field, const std::string& part);
// NaN when it is not recorded (yet).
double tour_number(const TourField& field, const std::string& part, const TourCard& card,
                   const Recording& recording);

// One that is no sum: "length", "accepted", ...
bool is_tour_fact(const std::string& name);
std::string tour_fact(const std::string& name, const TourCard& card, const Recording& recording);

}  // namespace viz
