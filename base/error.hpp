#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace leat {

/// Whose fault a failure is: what decides whom the message must help.
enum class fault {
  user,    ///< the program or its configuration; trying again will not help
  outside, ///< a broker, a database, the disk, the network; trying again may help
  leat,    ///< a broken promise inside Leat; a bug to report
};

/// The base of everything Leat throws. An exception ends the job: the restart strategy decides what comes then.
/// The text says what happened, where (step, topic, partition, offset) and what the reader can do.
class error : public std::runtime_error {
public:
  error(fault whose, const std::string& text) : std::runtime_error{text}, whose_{whose} {}

  /// Whose fault this is.
  [[nodiscard]] fault whose() const noexcept { return whose_; }

private:
  fault whose_;
};

/// A configuration file, a `--set` or an environment variable says something that cannot be used.
class config_error : public error {
public:
  explicit config_error(const std::string& text) : error{fault::user, text} {}
};

/// A pipeline that cannot run: the text names the step.
class pipeline_error : public error {
public:
  explicit pipeline_error(const std::string& text) : error{fault::user, text} {}
};

/// A user's function threw, or an aggregate overflowed: the text names the step and quotes the cause.
class step_error : public error {
public:
  explicit step_error(const std::string& text) : error{fault::user, text} {}
};

/// The world outside does not do what it should: the text names server, topic, partition or file.
class connector_error : public error {
public:
  explicit connector_error(const std::string& text) : error{fault::outside, text} {}
};

/// The world outside says that this run must not go on, nor another one like it without a person's decision: another instance has
/// taken over, or what is outside contradicts the checkpoint. A restart does not help.
class final_error : public connector_error {
public:
  using connector_error::connector_error;
};

/// Saved state cannot be read: damaged, or written by a program whose types were others.
class state_error : public error {
public:
  explicit state_error(const std::string& text) : error{fault::outside, text} {}
};

/// Two parts of Leat disagree about what was said between them.
class protocol_error : public error {
public:
  explicit protocol_error(const std::string& text) : error{fault::leat, text} {}
};

/// Whether an exception is a `final_error`. `what` is not null.
inline bool is_final(const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const final_error&) {
    return true;
  } catch (...) {
    return false;
  }
}

/// What an exception says, for a person. `what` is not null.
inline std::string text_of(const std::exception_ptr& what) {
  try {
    std::rethrow_exception(what);
  } catch (const std::exception& caught) {
    return caught.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

} // namespace leat
