#pragma once

#include <cstdint>
#include <string>

namespace leat {

/// What is found where a file was that a checkpoint knows.
enum class file_content {
  none,    ///< nothing
  same,    ///< what was read of it, and maybe more behind
  shorter, ///< the same file, but it ends before the position
  altered, ///< the same file, with other bytes in front of the position
  emptied, ///< the same file, which was cut and has begun anew: other bytes at its start, or none
  other,   ///< another file
};

/// What is known of a file that a checkpoint knows, when a job goes on from it.
struct file_situation {
  file_content at_path = file_content::none; ///< under the name that it had
  file_content renamed = file_content::none; ///< what the file itself is like under another name; `none`: not found
  bool begun = false;                        ///< something of it was read
  bool all_read = false;                     ///< as far as it went when the checkpoint was made
  bool half_line = false;                    ///< the last record read was a line without its end, which has come since
  bool follows = false;                      ///< the source waits for files that take a name anew
};

enum class file_action {
  go_on,         ///< at the position, in the file of that name
  go_on_renamed, ///< at the position, under its other name; what has its old name now is another file
  begin,         ///< what is there now is new
  leave,         ///< nothing is there, and nothing is missing
  refuse,        ///< records would be lost, or come twice
};

/// What to do about a file that a checkpoint knows. What a followed file may do while a job runs (being replaced, cut or
/// removed when all of it was read) it may do while the job is down.
[[nodiscard]] file_action decide_file(const file_situation& s) noexcept;

/// Why it is refused, for a person: "was …".
[[nodiscard]] std::string explain_refusal(const file_situation& s);

} // namespace leat
