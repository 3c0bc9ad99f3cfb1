#include "common/simt/translate/lexer.h"

#include <array>
#include <cctype>

#include "common/simt/translate/brackets.h"

namespace simt::translate {
namespace {

bool starts_identifier(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80);
}
bool continues_identifier(char c) {
  return starts_identifier(c) || std::isdigit(static_cast<unsigned char>(c));
}

constexpr std::array<std::string_view, 26> kPunctuation = {
    "<<<", "<<=", "...", "->*", "::", "->", "<<", "<=", ">=", "==", "!=", "&&", "||",
    "++",  "--",  "+=",  "-=",  "*=", "/=", "%=", "&=", "|=", "^=", "##", ".*", "<:"};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  LexedFile run() {
    while (true) {
      skip_blank(/*stop_at_newline=*/false);
      if (at_ >= source_.size()) break;
      if (source_[at_] == '#' && at_line_start_) {
        directive();
      } else {
        at_line_start_ = false;
        file_.code.push_back(token());
        file_.code.back().conditional = conditions_ > 0;
      }
    }
    return std::move(file_);
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  int column() const { return static_cast<int>(at_ - line_start_) + 1; }

  void advance() {
    if (source_[at_] == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    }
    ++at_;
  }
  void advance_to(size_t end) {
    while (at_ < end) advance();
  }

  // At a backslash that continues the line: the length of it and its newline, else 0.
  size_t continuation() const {
    if (peek() != '\\') return 0;
    if (peek(1) == '\n') return 2;
    return peek(1) == '\r' && peek(2) == '\n' ? 3 : 0;
  }

  // Skips blanks, comments and continued line ends; newlines too, unless told to stop at them.
  void skip_blank(bool stop_at_newline) {
    while (at_ < source_.size()) {
      if (size_t length = continuation()) {
        advance_to(at_ + length);
      } else if (peek() == '\n') {
        if (stop_at_newline) return;
        advance();
        at_line_start_ = true;
      } else if (std::isspace(static_cast<unsigned char>(peek()))) {
        advance();
      } else if (peek() == '/' && peek(1) == '/') {
        while (at_ < source_.size() && peek() != '\n') advance_to(at_ + (continuation() ? 2 : 1));
      } else if (peek() == '/' && peek(1) == '*') {
        size_t end = source_.find("*/", at_ + 2);
        if (end == std::string_view::npos) {
          throw SourceError(line_, column(), "unterminated comment");
        }
        advance_to(end + 2);
      } else {
        return;
      }
    }
  }

  Token token() {
    Token token{TokenKind::kPunctuation, {}, at_, line_, column()};
    size_t end = at_;
    if (starts_identifier(peek())) {
      while (end < source_.size() && continues_identifier(source_[end])) ++end;
      std::string_view word = source_.substr(at_, end - at_);
      char next = end < source_.size() ? source_[end] : '\0';
      bool prefix = word == "L" || word == "u" || word == "U" || word == "u8";
      if (next == '"' &&
          (word == "R" || word == "LR" || word == "uR" || word == "UR" || word == "u8R")) {
        token.kind = TokenKind::kString;
        end = raw_string_end(end);
      } else if ((next == '"' || next == '\'') && prefix) {
        token.kind = next == '"' ? TokenKind::kString : TokenKind::kCharacter;
        end = quoted_end(end);
      } else {
        token.kind = TokenKind::kIdentifier;
      }
    } else if (std::isdigit(static_cast<unsigned char>(peek())) ||
               (peek() == '.' && std::isdigit(static_cast<unsigned char>(peek(1))))) {
      token.kind = TokenKind::kNumber;
      end = number_end();
    } else if (peek() == '"' || peek() == '\'') {
      token.kind = peek() == '"' ? TokenKind::kString : TokenKind::kCharacter;
      end = quoted_end(at_);
    } else {
      end = at_ + 1;
      for (std::string_view text : kPunctuation) {
        if (source_.substr(at_, text.size()) == text) {
          end = at_ + text.size();
          break;
        }
      }
    }
    token.text = source_.substr(at_, end - at_);
    advance_to(end);
    return token;
  }

  size_t number_end() const {
    size_t end = at_;
    while (end < source_.size()) {
      char c = source_[end], last = end > at_ ? source_[end - 1] : '\0';
      bool exponent = last == 'e' || last == 'E' || last == 'p' || last == 'P';
      bool digit_separator = c == '\'' && end + 1 < source_.size() &&
                             std::isalnum(static_cast<unsigned char>(source_[end + 1]));
      if (!continues_identifier(c) && c != '.' && !digit_separator &&
          !((c == '+' || c == '-') && exponent)) {
        break;
      }
      ++end;
    }
    return end;
  }

  size_t quoted_end(size_t open) const {
    char quote = source_[open];
    for (size_t end = open + 1; end < source_.size() && source_[end] != '\n'; ++end) {
      if (source_[end] == '\\') {
        ++end;
        if (end + 1 < source_.size() && source_[end] == '\r') ++end;
      } else if (source_[end] == quote) {
        return end + 1;
      }
    }
    // In a line that is skipped or is text (#error don't), a lone quote is legal.
    if (in_directive_ || conditions_ > 0) return open + 1;
    throw SourceError(line_, column(),
                      quote == '"' ? "unterminated string" : "unterminated character");
  }

  size_t raw_string_end(size_t open) const {
    size_t paren = source_.find('(', open);
    if (paren != std::string_view::npos) {
      std::string close = ")" + std::string(source_.substr(open + 1, paren - open - 1)) + "\"";
      size_t end = source_.find(close, paren);
      if (end != std::string_view::npos) return end + close.size();
    }
    throw SourceError(line_, column(), "unterminated raw string");
  }

  // The whole preprocessor line; of a #define, its body as tokens.
  void directive() {
    Directive line;
    line.offset = at_;
    line.line = line_;
    line.column = column();
    in_directive_ = true;
    advance();
    Tokens words;
    for (skip_blank(true); at_ < source_.size() && peek() != '\n'; skip_blank(true)) {
      words.push_back(token());
      if (words.size() == 1 && (words[0].text == "error" || words[0].text == "warning")) {
        while (at_ < source_.size() && peek() != '\n') {
          advance_to(at_ + (continuation() ? continuation() : 1));
        }
      }
    }
    in_directive_ = false;
    line.text = source_.substr(line.offset, at_ - line.offset);
    if (!words.empty()) line.name = words[0].text;
    if (line.name == "define" && words.size() > 1) define_body(line, words);
    follow_conditional(line.name);
    line.conditional = conditions_ > 0;
    file_.directives.push_back(std::move(line));
  }

  static void define_body(Directive& line, const Tokens& words) {
    line.macro = words[1].text;
    size_t first = 2;
    line.function_like = words.size() > 2 && words[2].text == "(" &&
                         words[2].offset == words[1].offset + words[1].text.size();
    if (line.function_like) {
      while (first < words.size() && words[first].text != ")") ++first;
      ++first;
    }
    for (size_t i = first; i < words.size(); ++i) line.body.push_back(words[i]);
  }

  // Counts the open #ifs. One that opens the file is its include guard and does not count.
  void follow_conditional(std::string_view name) {
    if (name == "if" || name == "ifdef" || name == "ifndef") {
      bool guard = name == "ifndef" && file_.directives.empty() && file_.code.empty();
      if (!guard) ++conditions_;
    } else if (name == "endif" && conditions_ > 0) {
      --conditions_;
    }
  }

  std::string_view source_;
  size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
  bool at_line_start_ = true, in_directive_ = false;
  int conditions_ = 0;
  LexedFile file_;
};

}  // namespace

LexedFile lex(std::string_view source) {
  LexedFile file = Lexer(source).run();
  pair_brackets(file.code, file.directives);
  for (Directive& directive : file.directives) pair_brackets(directive.body, {});
  return file;
}

}  // namespace simt::translate
