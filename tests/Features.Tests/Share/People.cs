namespace EventFiles.Features.Tests.Share;

/// <summary>Who and what the tests of sharing are about.</summary>
internal static class People
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    public static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-0000000000a1"));
    public static readonly AccountId Ravi = new(Guid.Parse("00000000-0000-7000-8000-0000000000a2"));
    public static readonly AccountId Mei = new(Guid.Parse("00000000-0000-7000-8000-0000000000a3"));
    public static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-0000000000f1"));
    public static readonly FileId Letter = new(Guid.Parse("00000000-0000-7000-8000-0000000000f2"));

    public static Caller As(AccountId account, bool isAdministrator = false) =>
        new(account, new SessionId(account.Value), isAdministrator);
}

/// <summary>A clock that stands where a test puts it.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
