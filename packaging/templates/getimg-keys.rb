# A formula for your own tap; packaging/taps fills it in from a release.
class GetimgKeys < Formula
  desc "Keeps getimg.ai API keys in the keychain, one per environment"
  homepage "https://github.com/@REPOSITORY@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/getimg-keys-macos-aarch64"
      sha256 "@SHA256 getimg-keys-macos-aarch64@"
    end
    on_intel do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/getimg-keys-macos-x86_64"
      sha256 "@SHA256 getimg-keys-macos-x86_64@"
    end
  end
  on_linux do
    on_arm do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/getimg-keys-linux-aarch64"
      sha256 "@SHA256 getimg-keys-linux-aarch64@"
    end
    on_intel do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/getimg-keys-linux-x86_64"
      sha256 "@SHA256 getimg-keys-linux-x86_64@"
    end
  end

  def install
    bin.install Dir["getimg-keys-*"].first => "getimg-keys"
    system bin/"getimg-keys", "man", "man1"
    man1.install Dir["man1/*"]
    generate_completions_from_executable(bin/"getimg-keys", "completions", shells: [:bash, :zsh, :fish])
  end

  test do
    system bin/"getimg-keys", "demo"
  end
end
