// A sealed .pte run through ExecuTorch's own C++ runtime behind a C interface, so that Python can call it with ctypes and
// no torch in the process. engines/executorch_native.py compiles this file against the headers and libraries of the
// executorch wheel.
//
// One rule for all functions: no C++ exception leaves, a failure is NULL or a negative number, and the words for it are
// in pocketbert_error() until the next call from the same thread.

#include <executorch/extension/module/module.h>
#include <executorch/extension/tensor/tensor.h>
#include <executorch/runtime/platform/platform.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// The 1.5.1 wheel exports these two from libexecutorch_threadpool.so but leaves threadpool.h out.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
  size_t get_thread_count() const;
  bool _unsafe_reset_threadpool(uint32_t threads);
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace {

using executorch::aten::ScalarType;
using executorch::extension::from_blob;
using executorch::extension::Module;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using executorch::runtime::Program;

constexpr char kMethod[] = "forward";
constexpr size_t kInputs = 3;  // input_ids, attention_mask, token_type_ids

struct Handle {
  std::unique_ptr<Module> module;
  int32_t longest = 0;  // tokens
  int32_t outputs = 0;  // floats
};

thread_local std::string error_text;
thread_local std::string logged;  // what ExecuTorch itself said of the failure, more telling than its number

std::mutex open_mutex;  // replacing the thread pool and loading are not safe side by side

bool fail(const std::string& text) {
  error_text = text;
  return false;
}

bool fail(const char* doing, Error error) {
  char number[16];
  std::snprintf(number, sizeof number, "0x%x", static_cast<unsigned>(error));
  const std::string name = executorch::runtime::to_string(error);  // "Error::InvalidProgram"
  const std::string said = logged.empty() ? "" : ": " + logged;
  return fail(std::string("ExecuTorch error ") + number + " (" + name + ") while " + doing + said);
}

// ExecuTorch writes to stderr, start-up notes included. Errors are kept for pocketbert_error(); only the words before
// it ends the process still go out.
void keep_errors(
    et_timestamp_t, et_pal_log_level_t level, const char* file, const char*, size_t line, const char* message, size_t length) {
  if (level == kError) {
    logged.assign(message, length);
  } else if (level == kFatal) {
    std::fprintf(stderr, "ExecuTorch %s:%zu: %.*s\n", file, line, static_cast<int>(length), message);
  }
}

void take_log() {
  static std::once_flag once;
  std::call_once(once, [] {
    executorch::runtime::register_pal(executorch::runtime::PalImpl::create(keep_errors, __FILE__));
  });
}

bool check_signature(Handle& handle) {
  auto meta = handle.module->method_meta(kMethod);
  if (!meta.ok()) {
    return fail("reading the method \"forward\"", meta.error());
  }
  if (meta->num_inputs() != kInputs || meta->num_outputs() != 1) {
    return fail("the program has " + std::to_string(meta->num_inputs()) + " inputs and " +
                std::to_string(meta->num_outputs()) + " outputs instead of 3 and 1");
  }
  for (size_t i = 0; i < kInputs; ++i) {
    auto input = meta->input_tensor_meta(i);
    if (!input.ok()) {
      return fail("reading an input's shape", input.error());
    }
    const auto sizes = input->sizes();
    if (input->scalar_type() != ScalarType::Int || sizes.size() != 2 || sizes[0] != 1) {
      return fail("input " + std::to_string(i) + " is not int32 of shape [1, n]");
    }
    // What the program plans memory for: the longest length of a dynamic input, the one length of a static input.
    handle.longest = i == 0 ? sizes[1] : std::min(handle.longest, static_cast<int32_t>(sizes[1]));
  }
  auto output = meta->output_tensor_meta(0);
  if (!output.ok()) {
    return fail("reading the output's shape", output.error());
  }
  if (output->scalar_type() != ScalarType::Float) {
    return fail("the output is not float32");
  }
  handle.outputs = 1;
  for (const auto size : output->sizes()) {
    handle.outputs *= size;
  }
  return true;
}

// The pool is one for the whole process and every open program keeps a pointer to it: the caller
// (engines/executorch_threads.py) sees to it that it is only replaced while no program is open.
bool set_threads(int32_t threads) {
  auto* pool = executorch::extension::threadpool::get_threadpool();
  if (pool == nullptr) {
    return fail("ExecuTorch could not make a thread pool");
  }
  return pool->get_thread_count() == static_cast<size_t>(threads) ||
         pool->_unsafe_reset_threadpool(static_cast<uint32_t>(threads)) ||
         fail("ExecuTorch refused " + std::to_string(threads) + " threads");
}

bool load(Handle& handle, const char* path) {
  // Mmap: the embedding table, two thirds of a file, is then paged in row by row instead of read.
  handle.module = std::make_unique<Module>(path, Module::LoadMode::Mmap);
  const Error loaded = handle.module->load(Program::Verification::InternalConsistency);
  if (loaded != Error::Ok) {
    return fail("loading the program", loaded);
  }
  if (!check_signature(handle)) {
    return false;
  }
  const Error ready = handle.module->load_method(kMethod);  // the delegates pack their weights here
  return ready == Error::Ok || fail("preparing the method \"forward\"", ready);
}

int32_t run(Handle& handle, int32_t n, int32_t* ids, int32_t* mask, int32_t* types, float* out, int32_t capacity) {
  // An EValue does not keep its tensor alive: the three stand here until the program has run.
  const auto input_ids = from_blob(ids, {1, n}, ScalarType::Int);
  const auto attention_mask = from_blob(mask, {1, n}, ScalarType::Int);
  const auto token_type_ids = from_blob(types, {1, n}, ScalarType::Int);
  const std::vector<EValue> inputs = {input_ids, attention_mask, token_type_ids};
  auto result = handle.module->execute(kMethod, inputs);
  if (!result.ok()) {
    fail("running the program", result.error());
    return -1;
  }
  if (result->size() != 1 || !(*result)[0].isTensor()) {
    fail("the program gave back something other than one tensor");
    return -1;
  }
  const auto& tensor = (*result)[0].toTensor();
  if (tensor.scalar_type() != ScalarType::Float || tensor.numel() > capacity) {
    fail("the program gave back " + std::to_string(tensor.numel()) + " numbers, there is room for " +
         std::to_string(capacity) + " of float32");
    return -1;
  }
  const float* values = tensor.const_data_ptr<float>();
  std::copy(values, values + tensor.numel(), out);
  return static_cast<int32_t>(tensor.numel());
}

}  // namespace

extern "C" {

// Words for this thread's last failure, NUL-terminated UTF-8, valid until its next call.
__attribute__((visibility("default"))) const char* pocketbert_error() { return error_text.c_str(); }

// Opens a .pte. threads >= 1. Writes the longest length in tokens and the number of outputs; NULL on failure.
__attribute__((visibility("default"))) void* pocketbert_open(
    const char* path, int32_t threads, int32_t* longest, int32_t* outputs) {
  try {
    if (path == nullptr || longest == nullptr || outputs == nullptr || threads < 1) {
      fail("a null pointer or less than one thread was passed");
      return nullptr;
    }
    const std::lock_guard<std::mutex> guard(open_mutex);
    take_log();
    logged.clear();
    auto handle = std::make_unique<Handle>();
    if (!set_threads(threads) || !load(*handle, path)) {
      return nullptr;
    }
    *longest = handle->longest;
    *outputs = handle->outputs;
    return handle.release();
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("an unknown C++ exception");
  }
  return nullptr;
}

// One text: three int32 arrays of n values in, out filled. Gives the number of floats written, or -1. Ids are not
// compared with the vocabulary here (guard.py does before). Not to be called from two threads at once with one handle.
__attribute__((visibility("default"))) int32_t pocketbert_run(
    void* opened, int32_t n, int32_t* ids, int32_t* mask, int32_t* types, float* out, int32_t capacity) {
  try {
    auto* handle = static_cast<Handle*>(opened);
    if (handle == nullptr || ids == nullptr || mask == nullptr || types == nullptr || out == nullptr) {
      fail("a null pointer was passed");
      return -1;
    }
    if (n < 1 || n > handle->longest) {
      fail("a text of " + std::to_string(n) + " tokens; the program takes 1 to " + std::to_string(handle->longest));
      return -1;
    }
    if (capacity < handle->outputs) {
      fail("room for " + std::to_string(capacity) + " outputs; the program gives " + std::to_string(handle->outputs));
      return -1;
    }
    logged.clear();
    return run(*handle, n, ids, mask, types, out, capacity);
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("an unknown C++ exception");
  }
  return -1;
}

__attribute__((visibility("default"))) void pocketbert_close(void* opened) { delete static_cast<Handle*>(opened); }

}  // extern "C"
