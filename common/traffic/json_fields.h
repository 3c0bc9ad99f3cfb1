// Taking fields out of a stranger's JSON: each function checks the type and names the field.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

namespace traffic::json_fields {

// A wrong field; the reader adds file and line.
struct BadField {
  std::string what;
};

inline std::string shown(const std::string& text) {
  return text.size() <= 40 ? text : text.substr(0, 40);
}

inline const nlohmann::json& member(const nlohmann::json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end()) throw BadField{std::string("'") + name + "' is missing"};
  return *it;
}

inline std::string text(const nlohmann::json& object, const char* name) {
  const nlohmann::json& v = member(object, name);
  if (!v.is_string()) throw BadField{std::string("'") + name + "' is not a string"};
  return v.get<std::string>();
}

// A whole number that fits into T.
template <typename T>
T whole(const nlohmann::json& v, const char* name) {
  const bool negative = v.is_number_integer() && !v.is_number_unsigned();
  if (!v.is_number_integer() || (negative && std::is_unsigned_v<T>)) {
    throw BadField{std::string("'") + name + "' is not a whole number"};
  }
  const bool fits = negative
                        ? v.get<int64_t>() >= static_cast<int64_t>(std::numeric_limits<T>::min())
                        : v.get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<T>::max());
  if (!fits) throw BadField{std::string("'") + name + "' is out of range"};
  return v.get<T>();
}
template <typename T>
T whole_of(const nlohmann::json& object, const char* name) {
  return whole<T>(member(object, name), name);
}

inline double number(const nlohmann::json& object, const char* name) {
  const nlohmann::json& v = member(object, name);
  if (!v.is_number()) throw BadField{std::string("'") + name + "' is not a number"};
  return v.get<double>();
}

inline bool truth(const nlohmann::json& object, const char* name) {
  const nlohmann::json& v = member(object, name);
  if (!v.is_boolean()) throw BadField{std::string("'") + name + "' is not true or false"};
  return v.get<bool>();
}

inline const nlohmann::json& object_of(const nlohmann::json& object, const char* name) {
  const nlohmann::json& v = member(object, name);
  if (!v.is_object()) throw BadField{std::string("'") + name + "' is not an object"};
  return v;
}

inline const nlohmann::json& list_of(const nlohmann::json& object, const char* name) {
  const nlohmann::json& v = member(object, name);
  if (!v.is_array()) throw BadField{std::string("'") + name + "' is not a list"};
  return v;
}

inline std::vector<std::string> texts(const nlohmann::json& object, const char* name) {
  std::vector<std::string> result;
  for (const nlohmann::json& v : list_of(object, name)) {
    if (!v.is_string()) {
      throw BadField{std::string("an element of '") + name + "' is not a string"};
    }
    result.push_back(v.get<std::string>());
  }
  return result;
}

}  // namespace traffic::json_fields
