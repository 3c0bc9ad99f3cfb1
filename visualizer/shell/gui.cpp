// Style and fonts follow what was set.
#include "visualizer/shell/gui.h"

#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>

#include "visualizer/draw/fonts.h"

namespace viz {

Gui::Gui(const Gl& gl, bool dark, float scale) : theme_(make_theme(dark, scale)) {
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;  // nothing is kept from an earlier time
  io.LogFilename = nullptr;
  io.ConfigInputTextCursorBlink = false;  // a still window is not drawn again
  ImGui_ImplOpenGL3_Init("#version 130");
  painter_.emplace(gl);
  load();
}

Gui::~Gui() {
  painter_.reset();
  ImGui_ImplOpenGL3_Shutdown();
  ImGui::DestroyContext();
}

void Gui::load() {
  stale_ = false;
  Theme fresh = make_theme(theme_.dark, theme_.scale);
  load_fonts(fresh, rare_);
  theme_ = fresh;
  apply_style(theme_);
  // Lines drawn by a texture would need the mean of its points.
  ImGui::GetStyle().AntiAliasedLinesUseTex = false;
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
  painter_->use_fonts_texture();
}

void Gui::set_dark(bool dark) {
  stale_ = stale_ || dark != theme_.dark;
  theme_.dark = dark;
}

void Gui::set_scale(float scale) {
  stale_ = stale_ || scale != theme_.scale;
  theme_.scale = scale;
}

void Gui::show_text(const std::string& text) {
  const std::string rare = rare_characters(text);
  if (rare.empty()) return;
  const std::string all = rare_characters(rare_ + rare);
  stale_ = stale_ || all != rare_;
  rare_ = all;
}

void Gui::prepare_frame() {
  if (stale_) load();
  ImGui_ImplOpenGL3_NewFrame();
}

void Gui::draw() { painter_->draw(ImGui::GetDrawData()); }

}  // namespace viz
