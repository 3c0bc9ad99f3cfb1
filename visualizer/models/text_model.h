// What the text panel shows: the prompt's tokens, those that came, and in speculative decoding what
// became of each proposal.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "visualizer/core/playback.h"
#include "visualizer/core/recording.h"
#include "visualizer/core/text_pieces.h"

namespace viz {

enum class TokenOrigin {
  kPrompt,
  kTarget,      // the only model's, or the target's where nothing was proposed
  kAccepted,    // the draft's, and the target let it stand
  kCorrection,  // the target's, in place of one that it refused
  kBonus,       // the target's, behind a proposal that it let stand whole
};
const char* origin_name(TokenOrigin origin);

struct TextToken {
  int number = -1;  // in the text that came; in the prompt, its place there
  int column = -1;  // of the recording, that made it; -1: the prompt
  size_t work = 0;  // it is there when so many pieces of work are done
  TokenOrigin origin = TokenOrigin::kTarget;
  std::string text;  // empty: a part of a character that a later token ends, or the text's end
  std::vector<TextPiece> pieces;
};

// One proposal of the draft and what the target said to it.
struct TextRound {
  enum Fate {
    kStands,   // accepted
    kRefused,  // the first that the target would not have chosen
    kNotSeen,  // behind it: never looked at
  };
  struct Proposed {
    Fate fate = kStands;
    bool dropped = false;  // accepted, but the text had ended
    std::string text;
    std::vector<TextPiece> pieces;
  };
  int column = -1;
  int token = 0;    // number of the first proposed one
  size_t work = 0;  // judged when so many pieces of work are done
  int accepted = 0;
  int brought = 0;  // tokens of the text, the target's own included
  std::vector<Proposed> proposed;
  std::string next;  // the target's own
  std::vector<TextPiece> next_pieces;
  bool bonus = false;         // it is no correction: all stood
  bool next_dropped = false;  // the text had ended
};

// How proposals fared so far. Counted, as `./ladder run` does.
struct Acceptance {
  int draft_tokens = 0;  // k: proposed at a time
  struct Position {
    long looked_at = 0, accepted = 0;
  };
  std::vector<Position> positions;  // k of them
  long looked_at = 0, accepted = 0;
  long passes = 0, tokens = 0;  // of the target after the prefill, and what they brought

  double rate() const;           // a: accepted of those looked at; NaN: none was
  double tokens_a_pass() const;  // NaN: there was no pass
  double expected() const;       // (1 - a^(k+1)) / (1 - a); NaN: no rate
};

// Where the playback is in the text.
struct TextProgress {
  size_t works_done = 0;
  int came = 0;                 // tokens() that are there
  int column = -1;              // of the recording, the current one; -1: none
  int passes = 0;               // columns after the prefill that are done
  double seconds = 0;           // modelled, so far
  int decoded = 0;              // tokens after the first, in columns that are done
  double decode_seconds = 0;    // modelled, for these
  double measured_seconds = 0;  // by a clock, for all tokens after the first; 0: none
  int measured_tokens = 0;

  double modelled_tokens_a_second() const;  // NaN: none
  double measured_tokens_a_second() const;  // NaN: none
};

class TextModel {
 public:
  // Takes what is new in the recording. Cheap when nothing is.
  void update(const Recording& recording);

  const std::vector<TextToken>& prompt() const { return prompt_; }
  // Older streams do not say where the prompt's tokens begin: then it is cut into words. Or they do
  // not have it at all.
  bool prompt_has_tokens() const { return prompt_has_tokens_; }
  const std::vector<TextToken>& tokens() const { return tokens_; }
  const std::vector<TextRound>& rounds() const { return rounds_; }
  bool speculative() const { return speculative_; }  // there are drafts
  int asked() const { return asked_; }               // tokens, at most; 0: the stream does not say
  int generation() const { return generation_; }     // changes with what is above

  TextProgress progress(const Recording& recording, const Playback& playback) const;
  Acceptance acceptance(const TextProgress& progress) const;

 private:
  void take_prompt(const Recording& recording);
  void take_tokens(const Recording& recording);
  void take_rounds(const Recording& recording);
  void mark_origins();

  const Recording* recording_ = nullptr;
  // Texts, verdicts, columns and the end, as they were when all below was made.
  std::array<size_t, 4> seen_{};
  int generation_ = 0;
  bool prompt_has_tokens_ = false, speculative_ = false;
  int asked_ = 0, draft_tokens_ = 0;
  std::vector<TextToken> prompt_, tokens_;
  std::vector<TextRound> rounds_;
};

}  // namespace viz
