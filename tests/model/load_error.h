// What loading a file says, checked to be the kind of message that we promise.
#pragma once

#include <string>

// The message that loading gives (file, config, tokenizer, weights), "" when all is well.
std::string load_error(const std::string& path);
// The same for bytes; checks that the message is one line and begins with the file's path.
std::string load_error_of(const std::string& bytes);
// The message of GgufFile::open alone, likewise.
std::string open_error_of(const std::string& bytes);

bool contains(const std::string& text, const std::string& part);
