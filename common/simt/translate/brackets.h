// Which bracket closes which.
#pragma once

#include <vector>

#include "common/simt/translate/lexer.h"

namespace simt::translate {

// Sets Token::match of each bracket. `directives` are those between the tokens; where the branches
// of an #if leave different brackets open, what closes one closes the others too.
void pair_brackets(Tokens& tokens, const std::vector<Directive>& directives);

}  // namespace simt::translate
