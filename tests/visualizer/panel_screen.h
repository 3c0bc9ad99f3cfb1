// Draws a panel without a display, and moves a mouse over it: for tests of what panels do.
#pragma once

#include <imgui.h>

#include <map>
#include <string>

#include "visualizer/draw/fonts.h"
#include "visualizer/panels/panel.h"

namespace viz_test {

class PanelScreen {
 public:
  PanelScreen(float width, float height, float scale = 1) : size_{width * scale, height * scale} {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    theme_ = viz::make_theme(true, scale);
    viz::load_fonts(theme_, "");
    viz::apply_style(theme_);
    unsigned char* pixels = nullptr;
    int w = 0, h = 0;
    ImGui::GetIO().Fonts->GetTexDataAsRGBA32(&pixels, &w, &h);
  }
  ~PanelScreen() { ImGui::DestroyContext(); }
  PanelScreen(const PanelScreen&) = delete;

  const viz::Theme& theme() const { return theme_; }

  // One frame. Returns the number of triangles' corners that were drawn.
  int frame(viz::Panel& panel, const viz::Recording& recording, viz::Playback& playback) {
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = size_;
    io.DeltaTime = 1.f / 60;
    io.MousePos = mouse;
    for (int i = 0; i < 3; ++i) io.MouseDown[i] = down[i];
    io.MouseWheel = wheel;
    wheel = 0;
    ImGui::NewFrame();
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(size_);
    ImGui::Begin("panel", nullptr, ImGuiWindowFlags_NoDecoration);
    viz::RunRequest request;
    spots.clear();
    const auto mark = [this](const std::string& name) {
      const ImVec2 min = ImGui::GetItemRectMin(), max = ImGui::GetItemRectMax();
      spots[name] = {(min.x + max.x) / 2, (min.y + max.y) / 2};
    };
    viz::Context context{{recording, playback, request},
                         nullptr,
                         selection,
                         wishes,
                         theme_,
                         0,
                         false,
                         nullptr,
                         tour,
                         mark};
    panel.draw(context);
    ImGui::End();
    ImGui::Render();
    return ImGui::GetDrawData()->TotalVtxCount;
  }
  // Frames with the left button pressed at a place and let go again.
  void click(viz::Panel& panel, const viz::Recording& recording, viz::Playback& playback,
             ImVec2 at) {
    mouse = at;
    for (const bool pressed : {false, true, true, false, false}) {
      down[0] = pressed;
      frame(panel, recording, playback);
    }
  }

  ImVec2 mouse = {-1, -1};
  bool down[3] = {};
  float wheel = 0;
  viz::Selection selection;
  viz::Wishes wishes;
  viz::Tour* tour = nullptr;
  std::map<std::string, ImVec2> spots;  // middles of what the panel has named, in the last frame

 private:
  ImVec2 size_;
  viz::Theme theme_;
};

}  // namespace viz_test
