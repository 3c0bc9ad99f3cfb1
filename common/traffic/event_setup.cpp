// How a run was asked for, to JSON and back.
#include "common/traffic/event_reading.h"
#include "common/traffic/event_writing.h"
#include "common/traffic/fields.h"
#include "common/traffic/json_fields.h"

namespace traffic {

using nlohmann::json;
using namespace json_fields;

void add_setup(JsonLine& line, const RunSetup& setup) {
  line.open("setup", '{').add("prompt", setup.prompt).open("prompt_pieces", '[');
  for (const std::string& piece : setup.prompt_pieces) line.element(piece);
  line.close(']').add("draft", setup.draft);
  for_setup_fields(setup, [&line](const char* name, auto value) { line.add(name, value); });
  line.close('}');
}

RunSetup setup_of(const json& event) {
  RunSetup setup;
  if (!event.contains("setup")) return setup;
  const json& s = object_of(event, "setup");
  if (s.contains("prompt")) setup.prompt = text(s, "prompt");
  if (s.contains("prompt_pieces")) setup.prompt_pieces = texts(s, "prompt_pieces");
  if (s.contains("draft")) setup.draft = text(s, "draft");
  for_setup_fields(setup, [&s](const char* name, auto& value) {
    if (!s.contains(name)) return;
    if constexpr (std::is_same_v<decltype(value), double&>) {
      value = number(s, name);
    } else {
      value = whole_of<std::remove_reference_t<decltype(value)>>(s, name);
    }
  });
  return setup;
}

}  // namespace traffic
