namespace EventFiles.Client;

/// <summary>What the client's commands end with; scripts rely on it.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int SomeFailed = 1;
    public const int WrongUsage = 2;
    public const int NotSignedIn = 3;
    public const int NotFound = 4;
    public const int Refused = 5;
    public const int Away = 6;
    public const int Stopped = 130;

    /// <summary>For help texts.</summary>
    public const string Explained =
        "Exit codes: 0 all done, 1 some failed, 2 wrong usage, 3 not signed in, 4 not found, 5 refused (conflict, space, "
        + "permission), 6 server not reachable or not able at the moment, 130 stopped.";

    /// <summary>The code for a refusal with an HTTP status.</summary>
    public static int Of(int status) => status switch
    {
        401 => NotSignedIn,
        404 or 410 => NotFound,
        429 or 502 or 503 or 504 => Away,
        507 => Refused,
        >= 400 and < 500 => Refused,
        _ => SomeFailed,
    };
}
