using EventFiles.Features.Accounts;
using static EventFiles.Features.Accounts.SessionCommand;
using static EventFiles.Features.Accounts.SessionEvent;

namespace EventFiles.Features.Tests.Accounts;

public sealed class SessionDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset NextMonth = Noon + SessionDecider.Life;
    private static readonly DateTimeOffset InGrace = Noon + SessionDecider.LostReply;
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly SessionId Phone = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly Opened SignedIn = new(Phone, Olga, SessionKind.Api, "family", "one", 0, "curl", NextMonth);

    private readonly Specification<SessionCommand, SessionState, SessionEvent> session = new(SessionDecider.Decider, Noon);

    [Fact]
    public void Somebody_signs_in() => session
        .Given()
        .When(new Open(Phone, Olga, SessionKind.Api, "family", "one", 0, "curl", "192.0.2.1"))
        .Then(SignedIn with { Address = "192.0.2.1" });

    [Fact]
    public void A_refresh_token_is_exchanged_for_the_next() => session
        .Given(SignedIn)
        .When(new Refresh("family", "one", "two"))
        .ThenEachTime(Exchanged("one", "two"));

    [Fact]
    public void Its_successor_can_be_exchanged_in_turn() => session
        .Given(SignedIn, Exchanged("one", "two"))
        .When(new Refresh("family", "two", "three"))
        .ThenEachTime(Exchanged("two", "three"));

    [Fact]
    public void After_a_lost_reply_the_exchange_may_be_repeated_and_gains_no_time_by_it() => session
        .Given(SignedIn, new Refreshed(Phone, "one", Noon.AddSeconds(7), "two", NextMonth))
        .When(new Refresh("family", "one", "three"))
        .ThenEachTime(new Refreshed(Phone, "one", Noon.AddSeconds(7), "three", NextMonth));

    [Fact]
    public void After_a_repeated_exchange_both_successors_stand()
    {
        SessionEvent[] repeated = [SignedIn, Exchanged("one", "two"), Exchanged("one", "three")];
        session.Given(repeated).When(new Refresh("family", "two", "four")).ThenEachTime(Exchanged("two", "four"));
        session.Given(repeated).When(new Refresh("family", "three", "four")).ThenEachTime(Exchanged("three", "four"));
    }

    [Fact]
    public void Nobody_loses_a_reply_many_times() => session
        .Given([SignedIn, Exchanged("one", "two"), .. Enumerable.Range(1, SessionDecider.MaxCurrent).Select(n => Exchanged("one", $"more {n}"))])
        .When(new Refresh("family", "one", "again"))
        .ThenRejected(AccountsRejection.TokenReused);

    [Fact]
    public void A_spent_token_is_a_copy_when_the_reply_cannot_be_lost_any_more() => session
        .Given(SignedIn, new Refreshed(Phone, "one", Noon, "two", NextMonth))
        .When(new Refresh("family", "one", "three"))
        .ThenRejected(AccountsRejection.TokenReused);

    [Fact]
    public void A_token_spent_two_exchanges_ago_is_a_copy_at_once() => session
        .Given(SignedIn, Exchanged("one", "two"), Exchanged("two", "three"))
        .When(new Refresh("family", "one", "four"))
        .ThenRejected(AccountsRejection.TokenReused);

    [Fact]
    public void A_guess_without_the_familys_secret_is_not_taken_for_a_copy() => session
        .Given(SignedIn)
        .When(new Refresh("another", "one", "two"))
        .ThenRejected(AccountsRejection.SessionOver);

    [Fact]
    public void A_web_session_has_no_tokens_to_exchange() => session
        .Given(SignedIn with { Kind = SessionKind.Web, FamilyDigest = null })
        .When(new Refresh("family", "one", "two"))
        .ThenRejected(AccountsRejection.SessionOver);

    [Fact]
    public void An_ended_session_stays_ended() => session
        .Given(SignedIn, new Ended(Phone, SessionEnd.SignedOut))
        .When(new Refresh("family", "one", "two"))
        .ThenRejected(AccountsRejection.SessionOver);

    [Fact]
    public void A_session_past_its_deadline_is_over_before_any_event_says_so() => session
        .Given(SignedIn with { Until = Noon })
        .When(new Refresh("family", "one", "two"))
        .ThenRejected(AccountsRejection.SessionOver);

    [Fact]
    public void A_session_ends_once() => session
        .Given(SignedIn)
        .When(new End(SessionEnd.SignedOut))
        .Then(new Ended(Phone, SessionEnd.SignedOut));

    [Fact]
    public void A_session_expires_at_its_deadline() => session
        .Given(SignedIn with { Until = Noon })
        .When(new End(SessionEnd.Expired))
        .Then(new Ended(Phone, SessionEnd.Expired));

    [Fact]
    public void A_session_that_was_renewed_meanwhile_does_not_expire() => session
        .Given(SignedIn with { Until = Noon }, Exchanged("one", "two"))
        .When(new End(SessionEnd.Expired))
        .ThenNothing();

    [Fact]
    public void What_was_never_opened_cannot_end() => session
        .Given()
        .When(new End(SessionEnd.SignedOut))
        .ThenRejected(AccountsRejection.SessionOver);

    private static Refreshed Exchanged(string presented, string next) => new(Phone, presented, InGrace, next, NextMonth);
}
