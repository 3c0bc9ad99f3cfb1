// Tokens, rounds and how far the playback is in them.
#include "visualizer/models/text_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace viz {

using traffic::Phase;

namespace {

constexpr int kMostTokens = 1 << 20;  // a broken stream may name any number
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double share(double part, double of) { return of > 0 ? part / of : kNone; }

// Words with the white space before them, for a prompt whose tokens are not known.
std::vector<std::string> words(const std::string& text) {
  const auto white = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
  std::vector<std::string> result;
  for (size_t i = 0; i < text.size();) {
    size_t end = i;
    while (end < text.size() && white(text[end])) ++end;
    while (end < text.size() && !white(text[end])) ++end;
    result.push_back(text.substr(i, end - i));
    i = end;
  }
  return result;
}

double column_seconds(const Recording& recording, const Column& column) {
  if (column.works.empty()) return 0;
  const Work& last = recording.works()[column.works.end - 1];
  return last.begin + last.seconds - recording.works()[column.works.begin].begin;
}

double column_measured(const Recording& recording, const Column& column) {
  double seconds = 0;
  for (size_t i = column.first_step; i < column.end_step; ++i) {
    seconds += recording.steps()[i].measured_seconds;
  }
  return seconds;
}

}  // namespace

const char* origin_name(TokenOrigin origin) {
  static const char* const names[] = {"prompt", "target", "accepted", "correction", "bonus"};
  return names[static_cast<int>(origin)];
}

double Acceptance::rate() const { return share(double(accepted), double(looked_at)); }
double Acceptance::tokens_a_pass() const { return share(double(tokens), double(passes)); }
double Acceptance::expected() const {
  const double a = rate();
  if (!std::isfinite(a)) return kNone;
  return a < 1 ? (1 - std::pow(a, draft_tokens + 1)) / (1 - a) : draft_tokens + 1;
}

double TextProgress::modelled_tokens_a_second() const { return share(decoded, decode_seconds); }
double TextProgress::measured_tokens_a_second() const {
  return share(measured_tokens, measured_seconds);
}

void TextModel::update(const Recording& recording) {
  const std::array<size_t, 4> seen = {recording.texts().size(), recording.verdicts().size(),
                                      recording.columns().size(),
                                      size_t(recording.started()) + recording.complete()};
  if (recording_ == &recording && seen_ == seen) return;
  const bool other = recording_ != &recording || seen_[3] == 0;
  recording_ = &recording;
  seen_ = seen;
  ++generation_;
  asked_ = recording.run().setup.n_tokens;
  if (other) take_prompt(recording);
  take_tokens(recording);
  take_rounds(recording);
  mark_origins();
}

void TextModel::take_prompt(const Recording& recording) {
  const traffic::RunSetup& setup = recording.run().setup;
  prompt_has_tokens_ = !setup.prompt_pieces.empty();
  prompt_.clear();
  for (const std::string& text :
       prompt_has_tokens_ ? whole_bytes(setup.prompt_pieces, setup.prompt) : words(setup.prompt)) {
    TextToken token;
    token.number = int(prompt_.size());
    token.origin = TokenOrigin::kPrompt;
    token.text = text;
    token.pieces = text_pieces(text);
    prompt_.push_back(std::move(token));
  }
}

// A token without text stands there too: a part of a character comes with the token that ends it,
// and the newest is still being made.
void TextModel::take_tokens(const Recording& recording) {
  tokens_.clear();
  const auto reach = [&](int number) {
    for (int i = int(tokens_.size()); i <= number; ++i) {
      tokens_.push_back({i, recording.column_of_token(i), 0, TokenOrigin::kTarget, "", {}});
    }
  };
  for (const TextAt& text : recording.texts()) {
    if (text.token < 0 || text.token > kMostTokens) continue;
    reach(text.token);
    tokens_[text.token].text += text.text;
    tokens_[text.token].work = text.work;
  }
  for (const Column& column : recording.columns()) reach(std::min(column.token, kMostTokens));
  for (TextToken& token : tokens_) token.pieces = text_pieces(token.text);
}

void TextModel::take_rounds(const Recording& recording) {
  rounds_.clear();
  speculative_ = recording.run().setup.draft_tokens > 0 || !recording.verdicts().empty();
  draft_tokens_ = recording.run().setup.draft_tokens;
  for (const Column& column : recording.columns()) {
    const bool drafts = column.phase == Phase::kDraft || column.phase == Phase::kVerify;
    speculative_ = speculative_ || drafts;
  }
  const int end = recording.complete() ? int(tokens_.size()) : std::numeric_limits<int>::max();
  for (const VerdictAt& at : recording.verdicts()) {
    const traffic::VerdictEvent& verdict = at.verdict;
    TextRound round;
    round.token = verdict.token;
    round.column = recording.column_of_token(verdict.token);
    round.work = at.work;
    round.accepted = std::clamp(verdict.accepted, 0, int(verdict.proposed.size()));
    for (int i = 0; i < int(verdict.proposed.size()); ++i) {
      TextRound::Proposed p;
      p.fate = i < round.accepted    ? TextRound::kStands
               : i == round.accepted ? TextRound::kRefused
                                     : TextRound::kNotSeen;
      p.dropped = i < round.accepted && verdict.token + i >= end;
      p.text = verdict.proposed[i];
      p.pieces = text_pieces(p.text);
      round.proposed.push_back(std::move(p));
    }
    round.next = verdict.next;
    round.next_pieces = text_pieces(verdict.next);
    round.bonus = round.accepted == int(verdict.proposed.size());
    round.next_dropped = verdict.token + round.accepted >= end;
    round.brought = std::clamp(end - verdict.token, 0, round.accepted + 1);
    draft_tokens_ = std::max(draft_tokens_, int(verdict.proposed.size()));
    rounds_.push_back(std::move(round));
  }
}

void TextModel::mark_origins() {
  for (const TextRound& round : rounds_) {
    for (int i = 0; i <= round.accepted; ++i) {
      const int number = round.token + i;
      if (number < 0 || number >= int(tokens_.size())) continue;
      tokens_[number].origin = i < round.accepted       ? TokenOrigin::kAccepted
                               : round.proposed.empty() ? TokenOrigin::kTarget
                               : round.bonus            ? TokenOrigin::kBonus
                                                        : TokenOrigin::kCorrection;
    }
  }
}

TextProgress TextModel::progress(const Recording& recording, const Playback& playback) const {
  TextProgress p;
  const auto& works = recording.works();
  p.works_done = std::min(works.size(), playback.work() + (playback.done() >= 1 ? 1 : 0));
  p.column = recording.column_of(playback.work());
  if (!works.empty()) {
    const Work& now = works[std::min(playback.work(), works.size() - 1)];
    p.seconds = now.begin + playback.done() * now.seconds;
  }
  const auto& columns = recording.columns();
  const auto done = [&](const Column& column) { return column.works.end <= p.works_done; };
  for (const Column& column : columns) {
    if (column.token <= 0) continue;
    p.measured_seconds += column_measured(recording, column);
    p.passes += done(column);
    if (done(column)) p.decode_seconds += column_seconds(recording, column);
  }
  for (const TextToken& token : tokens_) {
    const bool made = token.column >= 0 && done(columns[token.column]);
    p.came += token.text.empty() ? made : token.work <= p.works_done;
    p.decoded += made && token.number > 0;
    if (token.number > 0 && token.column >= 0) {
      p.measured_tokens += column_measured(recording, columns[token.column]) > 0;
    }
  }
  return p;
}

Acceptance TextModel::acceptance(const TextProgress& progress) const {
  Acceptance a;
  a.draft_tokens = draft_tokens_;
  a.positions.resize(draft_tokens_);
  for (const TextRound& round : rounds_) {
    if (round.work > progress.works_done) break;
    const int looked_at = std::min(round.accepted + 1, int(round.proposed.size()));
    for (int i = 0; i < looked_at; ++i) ++a.positions[i].looked_at;
    for (int i = 0; i < round.accepted; ++i) ++a.positions[i].accepted;
    a.looked_at += looked_at;
    a.accepted += round.accepted;
  }
  a.passes = progress.passes;
  a.tokens = std::max(0, progress.came - 1);
  return a;
}

}  // namespace viz
