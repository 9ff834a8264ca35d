namespace EventFiles.Client;

/// <summary>Something that was asked for did not happen, and trying again at once would not change that.</summary>
internal sealed class NotDoneException(int exitCode, string code, string title, string detail, Exception? inner = null)
    : Exception($"{code}: {title}. {detail}".TrimEnd(), inner)
{
    public int ExitCode => exitCode;

    /// <summary>The problem's code as the server gives it; what the client itself says begins with <c>client.</c>.</summary>
    public string Code => code;

    public static NotDoneException Usage(string detail) => new(ExitCodes.WrongUsage, "client.usage", "Wrong usage", detail);

    public static NotDoneException NotFound(string detail) => new(ExitCodes.NotFound, "client.not-found", "Not found", detail);

    public static NotDoneException Refused(string code, string detail) => new(ExitCodes.Refused, code, "Refused", detail);

    public static NotDoneException NotSignedIn(string detail) =>
        new(ExitCodes.NotSignedIn, "client.not-signed-in", "Not signed in", detail);

    public static NotDoneException Local(string path, Exception failure) =>
        new(ExitCodes.SomeFailed, "client.local-file", "A local file cannot be used", $"{path}: {failure.Message}", failure);
}

/// <summary>Something did not happen now and may when it is tried again.</summary>
internal sealed class NotNowException(NotDoneException lastly, TimeSpan? retryAfter = null) : Exception(lastly.Message, lastly)
{
    /// <summary>What to say when it was tried often enough.</summary>
    public NotDoneException Lastly => lastly;

    /// <summary>As long the server wants to be left alone.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}
