# Lets the key of getimg.ai follow the selected profile. Comes from: getimg-keys hook powershell
# At a prompt it looks at the folder and the stamps of two files; only when one of them is another than before
# it starts the program.

$env:GETIMG_KEYS_SHELL = "powershell:$PID"

# Not in the environment: what was saved may be a key.
$global:__getimg_keys = @{ Program = '@program@'; Saved = ''; Stamp = ''; Seen = $null }

# All that the selection depends on, as text.
function global:__getimg_keys_look {
    $folder = (Get-Location -PSProvider FileSystem).ProviderPath
    $files = @($global:__getimg_keys.Stamp)
    for ($up = $folder; $up; $up = [IO.Path]::GetDirectoryName($up)) {
        $pin = [IO.Path]::Combine($up, '.getimg-keys.toml')
        $files += $pin
    }
    $stamps = foreach ($file in $files) {
        if ($file -and [IO.File]::Exists($file)) {
            $info = New-Object IO.FileInfo $file
            "$file $($info.Length) $($info.LastWriteTimeUtc.Ticks)"
        }
    }
    (@($folder, $env:GETIMG_KEYS_PROFILE, $env:GETIMG_KEYS_HOME) + @($stamps)) -join "`n"
}

function global:__getimg_keys_hook {
    $state = $global:__getimg_keys
    $now = __getimg_keys_look
    if ($now -ceq $state.Seen -and -not $state.Saved.EndsWith('+')) { return }
    $state.Seen = $now
    $stamp = $state.Stamp
    $env:__GETIMG_KEYS_SAVED = $state.Saved
    $env:__GETIMG_KEYS_STAMP = $stamp
    try {
        # An upgrade may have moved the program since.
        $program = $state.Program
        if (-not [IO.File]::Exists($program)) {
            $program = (Get-Command -CommandType Application -ErrorAction Ignore getimg-keys | Select-Object -First 1).Path
        }
        $said = if ($program) { $null | & $program hook-env powershell | Out-String }
        if ($program -and $LASTEXITCODE -eq 0) {
            if ($said.Trim()) { Invoke-Expression $said }
        } elseif ($env:GETIMG_KEYS_LOADED) {
            # Without the program: the key that a hook loaded is taken away.
            $names = @(($state.Saved -split ' ')[0] -split ',' | Where-Object { $_ })
            foreach ($name in $names + 'GETIMG_API_KEY') { Remove-Item -ErrorAction Ignore "Env:$name" }
            Remove-Item -ErrorAction Ignore Env:GETIMG_KEYS_LOADED, Env:__GETIMG_KEYS_SAVED
        }
    } finally {
        $state.Saved = "$env:__GETIMG_KEYS_SAVED"
        $state.Stamp = "$env:__GETIMG_KEYS_STAMP"
        Remove-Item -ErrorAction Ignore Env:__GETIMG_KEYS_SAVED, Env:__GETIMG_KEYS_STAMP
    }
    if ($state.Stamp -cne $stamp) { $state.Seen = __getimg_keys_look }
}

if (-not $global:__getimg_keys_prompt) {
    $global:__getimg_keys_prompt = $function:prompt
    function global:prompt {
        # The prompt from before goes first: it may want to know how the last command ended.
        & $global:__getimg_keys_prompt
        $code = $global:LASTEXITCODE
        $null = __getimg_keys_hook
        $global:LASTEXITCODE = $code
    }
}
