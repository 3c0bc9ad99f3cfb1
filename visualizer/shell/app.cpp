// What is looked at, and how it goes on.
#include "visualizer/shell/app.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

#include "visualizer/core/programs.h"
#include "visualizer/panels/tour.h"  // go_to_card
#include "visualizer/shell/choices.h"
#include "visualizer/shell/transport.h"  // toggle_play

namespace viz {
namespace {

bool is_file(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// By what it begins with, whatever its name is.
bool is_gguf(const std::string& path) {
  char begin[4] = {};
  std::ifstream(path, std::ios::binary).read(begin, sizeof begin);
  return std::string_view(begin, sizeof begin) == "GGUF";
}

}  // namespace

App::App(const Options& options, Gui& gui, bool still)
    : options_(options),
      gui_(gui),
      scale_(gui.theme().scale),
      still_(still),
      controls_(options.run),
      wished_token_(options.at),
      tour_(find_tour_root()),
      panels_(make_panels()) {
  if (!options.panel.empty()) show_panel(options.panel);
  if (options.scope == "kernel") selection_.scope = Scope::kKernel;
  if (options.scope == "run") selection_.scope = Scope::kRun;
  if (!options.measure.empty()) controls_.set_measure(options.measure);
  if (!options.card.empty()) begin_tour(options.card);
}

// The card says which run it speaks of, unless a recording is shown.
void App::begin_tour(const std::string& card) {
  const auto index = tour_.find(card);
  if (!index) {
    tell(true, "--card: the tour has no card '" + card + "'. 02.3 is the third one of chapter 02.");
    return;
  }
  with_context([&](Context& context) { go_to_card(context, tour_, *index); });
  controls_.set_request(request_for(tour_.card(), controls_.request()));
  if (!options_.compare && !tour_.card().compare.empty()) options_.compare = tour_.card().compare;
  if (options_.panel.empty()) options_.panel = tour_.card().panel;
}

void App::start() {
  const std::string traced = program_path(own_folder(), "traced");
  catalog_.load(traced, controls_.request().model);
  waiting_for_catalog_ = true;
  if (options_.replay.empty()) {
    welcome_ = !still_ && options_.panel.empty();
  } else {
    run_.open(options_.replay);
  }
}

// A decoder is started when it is known which variants there are; without a catalog its own message
// says what is wrong.
void App::take_catalog() {
  waiting_for_catalog_ = false;
  RunRequest request = controls_.request();
  if (!catalog_.data().chapters.empty()) {
    const std::string wrong = settle_variant(request, options_.kv, catalog_.data());
    if (!wrong.empty() && options_.replay.empty()) {
      tell(true, wrong);
      return;
    }
  }
  controls_.set_request(request);
  if (options_.replay.empty()) {
    run_.source().record(options_.record);
    decode(request);
    run_.source().record("");
  }
  if (options_.compare) compare_with(*options_.compare);
}

void App::decode(RunRequest request) {
  std::erase_if(messages_,
                [](const Message& message) { return message.error; });  // of earlier runs
  request.program = program_path(own_folder(), options_.target);
  run_.start(request);
  text_seen_ = 0;
  told_[0] = told_[2] = Source::State::kIdle;
  gui_.show_text(request.prompt);
  measure_beside(request);
}

void App::measure_beside(const RunRequest& request) {
  measured_.forget();
  if (controls_.measure().empty() || still_ || options_.target != "traced") return;
  RunRequest measured = request;
  measured.program = program_path(own_folder(), controls_.measure());
  measured.count_tokens = 0;
  measured_.start(measured);
}

void App::compare(RunRequest request) {
  if (request.program.empty()) request.program = program_path(own_folder(), options_.target);
  comparing_ = true;
  other_.start(request);
  other_text_seen_ = 0;
  told_[1] = Source::State::kIdle;
}

void App::compare_with(const std::string& row_or_file) {
  if (is_file(row_or_file)) {
    comparing_ = true;
    other_.open(row_or_file);
    return;
  }
  RunRequest request = controls_.request();
  const size_t colon = row_or_file.find(':');
  request.chapter = row_or_file.substr(0, colon);
  if (request.chapter.size() == 1) request.chapter = "0" + request.chapter;
  request.variant = colon == std::string::npos ? "" : row_or_file.substr(colon + 1);
  const std::string wrong = settle_variant(request, "", catalog_.data());
  if (wrong.empty()) {
    compare(request);
  } else {
    tell(true, "--compare: " + wrong.substr(wrong.find("found")));
  }
}

void App::tell(bool error, const std::string& text) {
  for (const Message& message : messages_) {
    if (message.text == text) return;
  }
  // What was saved before is known by now.
  if (!error) std::erase_if(messages_, [](const Message& message) { return !message.error; });
  messages_.push_back({error, text});
  if (messages_.size() > 3) messages_.erase(messages_.begin());
  gui_.show_text(text);
}

void App::command(Command command, int panel) {
  const Recording& recording = run_.recording();
  Playback& playback = run_.playback;
  switch (command) {
    case Command::kPlay:
      toggle_play(run_);
      break;
    case Command::kBackKernel:
      playback.step_work(-1, recording);
      break;
    case Command::kNextKernel:
      playback.step_work(1, recording);
      break;
    case Command::kBackToken:
      playback.step_column(-1, recording);
      break;
    case Command::kNextToken:
      playback.step_column(1, recording);
      break;
    case Command::kRestart:
      playback.restart();
      break;
    case Command::kFollow:
      playback.follow(true), playback.play(true);
      break;
    case Command::kHelp:
      help_ = !help_;
      break;
    case Command::kCloseHelp:
      help_ = false;
      break;
    case Command::kPanel1:
      if (panel >= 0 && panel < int(panels_.size())) panel_ = size_t(panel);
      break;
  }
}

void App::open_file(const std::string& path) {
  if (is_gguf(path)) {
    RunRequest request = controls_.request();
    request.model = path;
    controls_.set_request(request);
    ask_about_model();
    return;
  }
  if (!is_file(path)) return tell(true, path + ": there is no such file");
  measured_.forget();
  run_.open(path);
  text_seen_ = 0;
  form_filled_ = false;
  told_[0] = Source::State::kIdle;
}

void App::ask_about_model() {
  catalog_.load(program_path(own_folder(), "traced"), controls_.request().model);
}

void App::show_panel(const std::string& id) {
  for (size_t i = 0; i < panels_.size(); ++i) {
    if (panels_[i]->id() == id) panel_ = i;
  }
}

void App::stand_at(const int* token) {
  const Recording& r = run_.recording();
  run_.playback.play(false);
  size_t last = r.works().empty() ? 0 : r.works().size() - 1;
  // Without a token, the last one: behind it there may be what is written back at the end.
  const int column =
      token != nullptr ? r.column_of_token(*token) : r.column_of_token(run_.text_tokens() - 1);
  if (column >= 0 && !r.columns()[size_t(column)].works.empty()) {
    last = r.columns()[size_t(column)].works.end - 1;
  }
  run_.playback.go_to_work(last, r);
  if (comparing_) pair_playback();
}

std::string App::token_problem(int token) const {
  const int count = run_.text_tokens();
  if (run_.recording().column_of_token(token) >= 0) return "";
  return "--at: found '" + std::to_string(token) + "', but " +
         (count == 0 ? "no token came" : "the last token is " + std::to_string(count - 1));
}

std::optional<std::string> App::take_picture_wish() {
  return std::exchange(picture_wish_, std::nullopt);
}

}  // namespace viz
