// Numbers for people.
#pragma once

#include <string>

namespace traffic {

// Three digits and powers of 1000: "12.3 MB", "1.23 ms", "4.20 M". Whole numbers below 1000 of
// units that cannot be split stay whole: "512 B".
std::string bytes_text(double bytes);
std::string seconds_text(double seconds);
std::string count_text(double count);

}  // namespace traffic
