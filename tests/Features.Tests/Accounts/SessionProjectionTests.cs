using EventFiles.Features.Accounts;
using EventFiles.Features.Tests.Share;
using static EventFiles.Features.Accounts.SessionEvent;

namespace EventFiles.Features.Tests.Accounts;

public sealed class SessionProjectionTests
{
    private static readonly DateTimeOffset NextMonth = People.Noon + SessionDecider.Life;
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly SessionId Browser = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly string Digest = SessionSecret.Digest("secret");

    private readonly Views<SessionView> views = new(SessionProjection.Define());

    [Fact]
    public void What_goes_without_saying_is_not_stored_of_a_session()
    {
        views.After(Olga, SignedIn(SessionKind.Web));

        Assert.DoesNotContain("refreshed", views.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("passkey", views.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Digest, views.Text, StringComparison.Ordinal);
        Assert.Equal(
            new SessionView(Browser, Olga, SessionKind.Web, SessionSecret.Shorten(Digest), 1, "curl", People.Noon, null, NextMonth), Found());
        Assert.Equal(People.Noon, Found().ToSummary(Browser).RefreshedAt);
        Assert.Equal(43, Found().TokenDigest!.Length);
    }

    [Fact]
    public void What_does_not_is()
    {
        views.After(Olga, SignedIn(SessionKind.Api) with { Passkey = new PasskeyId(Olga.Value) }, new Refreshed(Browser, Digest, People.Noon, Digest, NextMonth.AddDays(1)));

        Assert.Equal((true, People.Noon, NextMonth.AddDays(1)), (Found().IsByPasskey, Found().RefreshedAt, Found().Until));
        // Refresh tokens are looked up in the log alone.
        Assert.DoesNotContain("token", views.Text, StringComparison.OrdinalIgnoreCase);
    }

    private SessionView Found() => views.Of(Browser.ToString())!;

    private static Opened SignedIn(SessionKind kind) => new(Browser, Olga, kind, null, Digest, 1, "curl", NextMonth);
}
