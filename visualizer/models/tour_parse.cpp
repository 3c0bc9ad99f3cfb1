// Reads a file of cards line by line.
#include <algorithm>
#include <charconv>
#include <sstream>

#include "visualizer/models/tour_model.h"

namespace viz {
namespace {

std::string trimmed(const std::string& text) {
  const size_t from = text.find_first_not_of(" \t\r"), to = text.find_last_not_of(" \t\r");
  return from == std::string::npos ? "" : text.substr(from, to - from + 1);
}

bool begins(const std::string& text, const char* with) { return text.rfind(with, 0) == 0; }

class Parser {
 public:
  explicit Parser(std::string name) { file_.name = std::move(name); }

  void line(const std::string& raw) {
    ++line_;
    const std::string text = trimmed(raw);
    if (text.empty()) return;
    if (begins(text, "## ")) return begin_card(trimmed(text.substr(3)));
    if (begins(text, "# ")) return set_title(trimmed(text.substr(2)));
    if (begins(text, "- ") && !file_.title.empty()) return set(trimmed(text.substr(2)));
    if (file_.cards.empty()) {
      fail("the file begins with '# NN title', and cards with '## title'");
    }
    add_sentence(text);
  }

  TourFile end() {
    end_card();
    if (file_.title.empty()) fail("the first line is '# NN title'");
    if (file_.cards.empty()) fail("there is no card: each begins with '## title'");
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { fail(line_, why); }
  [[noreturn]] void fail(int line, const std::string& why) const {
    throw TourError(file_.name + ":" + std::to_string(line) + ": " + why);
  }

  // What is set before the first card holds for all.
  TourCard& card() { return file_.cards.empty() ? of_all_ : file_.cards.back(); }

  void set_title(const std::string& title) {
    if (!file_.title.empty()) fail("there is a title already; a card begins with '## '");
    const size_t space = title.find(' ');
    if (space != 2 || !isdigit(title[0]) || !isdigit(title[1])) {
      fail("the title begins with the chapter's number, as in '# 02 tiled_attention'");
    }
    file_.title = title;
    file_.chapter = title.substr(0, 2);
  }

  void begin_card(const std::string& title) {
    if (file_.title.empty()) fail("before the first card comes '# NN title'");
    end_card();
    file_.cards.push_back(of_all_);
    card().title = title;
    card().line = line_;
  }

  void end_card() {
    if (file_.cards.empty()) return;
    const TourCard& c = card();
    if (c.panel.empty()) fail(c.line, "the card has no '- panel: '");
    if (c.chapter.empty()) fail(c.line, "the card has no '- run: '");
    if (c.sentences.empty()) fail(c.line, "the card has no sentence");
    check_parts(c);
  }

  // What a placeholder speaks of must be there.
  void check_parts(const TourCard& c) const {
    for (const std::string& s : c.sentences) {
      if (c.kernel.empty() && s.find("{kernel.") != std::string::npos) {
        fail(c.line, "{kernel...} needs '- kernel: '");
      }
      for (const char* of_other : {"{other.", "{ratio."}) {
        if (c.compare.empty() && s.find(of_other) != std::string::npos) {
          fail(c.line, std::string(of_other) + "...} needs '- compare: '");
        }
      }
    }
  }

  void add_sentence(const std::string& text) {
    if (card().sentences.size() == 4) fail("a card has at most 4 sentences, a line each");
    for (const std::string& unknown : unknown_placeholders(text)) {
      fail("{" + unknown + "} is not known");
    }
    card().sentences.push_back(text);
  }

  void set(const std::string& setting) {
    if (!card().sentences.empty()) fail("settings come before the sentences");
    const size_t colon = setting.find(':');
    if (colon == std::string::npos) fail("'- " + setting + "': expected '- name: value'");
    const std::string name = setting.substr(0, colon), value = trimmed(setting.substr(colon + 1));
    if (value.empty()) fail("'" + name + "' has no value");
    if (set_run(name, value)) return;
    if (name == "run") {
      const size_t part = value.find(':');
      card().chapter = value.substr(0, part);
      if (part != std::string::npos) card().variant = value.substr(part + 1);
    } else if (name == "panel") {
      card().panel = value;
    } else if (name == "compare") {
      card().compare = value;
    } else if (name == "kernel") {
      card().kernel = value;
    } else if (name == "tensor") {
      card().tensor = value;
    } else if (name == "token") {
      card().token = value == "prefill" ? 0 : int(number(value, 0, 1e6));
    } else if (name == "speed") {
      card().speed = number(value, 0.05, 200);
    } else if (name == "play") {
      card().play = one_of(value, {"no", "yes"}) == 1;
    } else if (name == "scope") {
      card().scope = Scope(one_of(value, {"kernel", "token", "run"}));
    } else if (name == "predict") {
      predict(value);
    } else {
      fail("no setting is named '" + name + "'");
    }
  }

  // How the run is asked for.
  bool set_run(const std::string& name, const std::string& value) {
    if (name == "prompt") {
      card().prompt = value;
    } else if (name == "gpu") {
      card().gpu = value;
    } else if (name == "temperature") {
      card().temperature = number(value, 0.01, 10);
    } else if (name == "draft-tokens") {
      card().draft_tokens = int(number(value, 1, 8));
    } else {
      return false;
    }
    return true;
  }

  double number(const std::string& text, double least, double most) const {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
      std::ostringstream why;
      why << "'" << text << "' is not a number from " << least << " to " << most;
      fail(why.str());
    }
    return value;
  }

  int one_of(const std::string& value, const std::vector<std::string>& words) const {
    const auto found = std::find(words.begin(), words.end(), value);
    if (found != words.end()) return int(found - words.begin());
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
    fail("'" + value + "' is none of " + list);
  }

  // "scores_kernel bytes", "all operations"
  void predict(const std::string& value) {
    const size_t space = value.find(' ');
    CardPrediction p;
    p.kernel = value.substr(0, space);
    if (space != std::string::npos) {
      p.operations = one_of(trimmed(value.substr(space)), {"bytes", "operations"}) == 1;
    }
    card().predictions.push_back(p);
  }

  TourFile file_;
  TourCard of_all_;
  int line_ = 0;
};

}  // namespace

TourFile parse_tour(const std::string& text, const std::string& name) {
  Parser parser(name);
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) parser.line(line);
  return parser.end();
}

}  // namespace viz
