// Files of what is seen: the panel's numbers, the run as a Chrome trace or as its events.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <type_traits>
#include <variant>

#include "common/traffic/chrome_trace.h"
#include "visualizer/shell/app.h"
#include "visualizer/shell/text_file.h"

namespace viz {

void App::write_json(const std::string& path) {
  nlohmann::ordered_json j;
  const Recording& recording = run_.recording();
  j["format"] = "decoder-ladder seen 1";
  j["model"] = recording.run().model;
  j["chapter"] = recording.run().chapter;
  j["target"] = recording.run().target;
  j["gpu"] = recording.run().gpu.name;
  j["scope"] = scope_name(selection_.scope);
  const int column = run_.playback.column(recording);
  j["token"] = column < 0 ? -1 : recording.columns()[size_t(column)].token;
  j["work"] = recording.works().empty() ? "" : recording.work_name(run_.playback.work());
  j["panel"] = panel().id();
  j["seen"] = with_context([this](Context& context) { return panel().seen(context); });
  // Text of a token may be half a character.
  write_text(path, j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void App::write_trace(const std::string& path) const {
  std::ofstream out(path, std::ios::binary);
  const auto& events = run_.recording().events();
  size_t next = 0;
  traffic::write_chrome_trace(
      [&]() -> const traffic::Event* { return next < events.size() ? &events[next++] : nullptr; },
      out);
  out.close();
  if (!out) throw std::runtime_error(path + " cannot be written: " + std::strerror(errno));
}

void App::write_events(const std::string& path) const {
  traffic::EventWriter writer(path);
  for (const traffic::Event& event : run_.recording().events()) {
    std::visit(
        [&writer](const auto& e) {
          constexpr bool kIsEnd = std::is_same_v<decltype(e), const traffic::EndEvent&>;
          if constexpr (!kIsEnd) writer.write(e);
        },
        event);
  }
  if (run_.recording().complete()) writer.end();
  if (!writer.ok()) throw std::runtime_error(path + " cannot be written: " + std::strerror(errno));
}

}  // namespace viz
