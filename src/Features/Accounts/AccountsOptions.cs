namespace EventFiles.Features.Accounts;

/// <summary>What whoever runs the server decides of accounts.</summary>
public sealed record AccountsOptions
{
    /// <summary>Who may open an account.</summary>
    public SignUpRule SignUp { get; init; } = SignUpRule.Open;

    /// <summary>Who needs a second factor.</summary>
    public FactorRule SecondFactor { get; init; } = FactorRule.Optional;

    /// <summary>How many accounts are opened an hour from one network address; null: any number.</summary>
    public int? SignUpsPerHour { get; init; }

    /// <summary>Whether an account without a second factor must set one up.</summary>
    public bool Requires(bool isAdministrator) =>
        SecondFactor == FactorRule.Required || (SecondFactor == FactorRule.Administrators && isAdministrator);

    /// <summary>Whether letters are sent; without a mail server an operator prints their links.</summary>
    public bool SendsMail { get; init; }

    /// <summary>Where people find this server, for the links in letters; null when nobody has said.</summary>
    public Uri? Site { get; init; }
}

/// <summary>Who may open an account. The very first account is always let in: it is the administrator's.</summary>
public enum SignUpRule
{
    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Everybody, and nobody signs in before mail to the address was read.</summary>
    Verified,

    /// <summary>Whoever an administrator has invited.</summary>
    Invited,

    /// <summary>Nobody any more.</summary>
    Closed,
}

/// <summary>Who needs a second factor.</summary>
public enum FactorRule
{
    /// <summary>Whoever wants one.</summary>
    Optional,

    /// <summary>Administrators.</summary>
    Administrators,

    /// <summary>Everybody who signs in with a password.</summary>
    Required,
}
