// Where the things that can be clicked are, by name, and what is shown: tests click there.
#pragma once

#include <map>
#include <string>

namespace viz {

class HotSpots {
 public:
  void begin_frame() { spots_.clear(), words_.clear(); }
  // The last item of ImGui.
  void mark(const std::string& name);
  // Part `part` (from 0) of so many equal ones, side by side.
  void mark_part(const std::string& name, int part, int of);
  // A fact about the frame: "panel", "kernels".
  void say(const std::string& name, const std::string& value) { words_[name] = value; }
  // "spot NAME x y width height" and "NAME VALUE", a line each.
  std::string text() const;

 private:
  struct Area {
    float x, y, width, height;
  };
  std::map<std::string, Area> spots_;
  std::map<std::string, std::string> words_;
};

}  // namespace viz
