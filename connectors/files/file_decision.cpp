#include <leat/connectors/files/file_decision.hpp>

namespace leat {

file_action decide_file(const file_situation& s) noexcept {
  const bool renamed = s.renamed != file_content::none;
  if (s.half_line)
    return file_action::refuse;
  if (s.at_path == file_content::same && !renamed)
    return file_action::go_on;
  if (renamed)
    return s.renamed == file_content::same ? file_action::go_on_renamed : file_action::refuse;
  const bool nothing_lost = !s.begun || (s.all_read && s.follows);
  switch (s.at_path) {
  case file_content::none:
    return s.all_read ? file_action::leave : file_action::refuse;
  case file_content::emptied:
  case file_content::other:
    return nothing_lost ? file_action::begin : file_action::refuse;
  default:
    return file_action::refuse;
  }
}

std::string explain_refusal(const file_situation& s) {
  if (s.half_line)
    return "was read up to the end that it had, where its last line was half written: the rest of that has come since, and "
           "nobody can tell what counts";
  switch (s.renamed != file_content::none ? s.renamed : s.at_path) {
  case file_content::none:
    return "is gone, and not all of it was read";
  case file_content::shorter:
    return "was cut: it ends before that position";
  case file_content::altered:
    return "was changed in front of that position";
  case file_content::emptied:
    return s.all_read ? "was cut and written anew" : "was cut and written anew, and not all that was in it was read";
  default:
    return s.all_read ? "is another file now" : "is another file now, and not all of the one before was read";
  }
}

} // namespace leat
