// Builds one line of JSON by hand: the event writer is on the path of every launch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace traffic {

// JSON text of a string, quotes included. Bytes that are not valid UTF-8 become U+FFFD.
std::string json_string(std::string_view text);
// The shortest text that reads back as the same number; "null" for infinities and NaN.
std::string json_number(double value);

class JsonLine {
 public:
  // A member of the open object.
  JsonLine& add(const char* key, std::string_view text) { return raw(key, json_string(text)); }
  JsonLine& add(const char* key, const char* text) { return add(key, std::string_view(text)); }
  JsonLine& add(const char* key, double value) { return raw(key, json_number(value)); }
  JsonLine& add(const char* key, uint64_t value) { return raw(key, std::to_string(value)); }
  JsonLine& add(const char* key, uint32_t value) { return raw(key, std::to_string(value)); }
  JsonLine& add(const char* key, int value) { return raw(key, std::to_string(value)); }
  JsonLine& add(const char* key, bool value) { return raw(key, value ? "true" : "false"); }
  // Opens a member that is an object ('{') or a list ('['), an element of a list, and closes
  // either.
  JsonLine& open(const char* key, char bracket);
  JsonLine& open_element(char bracket);
  JsonLine& element(uint64_t value);
  JsonLine& element(std::string_view text);
  JsonLine& close(char bracket);

  std::string finish() { return text_ + "}"; }

 private:
  JsonLine& raw(const char* key, std::string_view value);
  void comma();

  std::string text_ = "{";
};

}  // namespace traffic
