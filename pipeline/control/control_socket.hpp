#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace leat {

/// The socket in a job's state directory, `control`, by which programs on the same machine ask a running job for something: one
/// line of request, one line of answer. Only the user that the job runs as may connect.
///
/// Answers one request after the other, on a thread of its own.
class control_socket {
public:
  /// @param answer is called with the request; what it throws is answered as well.
  /// @throws state_error when the socket cannot be made.
  control_socket(const std::string& directory, std::function<std::string(const std::string&)> answer);

  /// Finishes what is being answered.
  ~control_socket();

  control_socket(const control_socket&) = delete;
  control_socket& operator=(const control_socket&) = delete;

private:
  void serve();

  const std::function<std::string(const std::string&)> answer_;
  int folder_ = -1;
  int listener_ = -1;
  int stop_ = -1; // readable when the thread is to end
  std::thread thread_;
};

/// Asks the job whose state directory this is. @returns its answer.
/// @throws connector_error when no job runs there, or it has not answered in time.
std::string ask_job(const std::string& directory, const std::string& request, std::chrono::milliseconds patience);

} // namespace leat
