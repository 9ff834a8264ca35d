namespace EventFiles.Host.Configuration;

/// <summary>Something in the settings is wrong; every mistake in plain words, none with a secret in it.</summary>
internal sealed class SettingsException(params IReadOnlyList<string> mistakes) : Exception(
    mistakes.Count == 1
        ? mistakes[0]
        : $"{mistakes.Count} settings are not right, and nothing was started:\n  " + string.Join("\n  ", mistakes));
